#include "flow/mvsec.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>

#include "base/hdf5_reader.hpp"
#include "base/numbers.hpp"
#include "base/problem.hpp"
#include "flow/sequences.hpp"
#include "flow/true_flow.hpp"

namespace synfire {
namespace {

using json = nlohmann::json;
namespace fs = std::filesystem;

// Raised whenever equal sequences and settings come to give other samples.
constexpr std::uint32_t mvsec_revision = 1;
constexpr std::uint32_t rows_without_car = 190;  // of outdoor sequences; the hood is below

constexpr const char* mvsec_events = "/davis/left/events";
constexpr const char* mvsec_images = "/davis/left/image_raw";
constexpr const char* mvsec_image_times = "/davis/left/image_raw_ts";
constexpr const char* mvsec_image_events = "/davis/left/image_raw_event_inds";
constexpr const char* mvsec_flows = "/davis/left/flow_dist";
constexpr const char* mvsec_flow_times = "/davis/left/flow_dist_ts";

struct MvsecSettings {
    std::string folder;
    FlowWindow window;
    std::uint32_t frames = 1;
};

class MvsecSequence {
  public:
    MvsecSequence(const MvsecSettings& settings, const std::string& name)
        : settings_(settings),
          name_(name),
          data_(fmt::format("{}/{}_data.hdf5", settings.folder, name)) {
        require_shape(data_, mvsec_images, {mvsec::rows, mvsec::columns});
        require_shape(data_, mvsec_events, {4});
        times_ = data_.numbers(mvsec_image_times).as_doubles();
        for (const double number : data_.numbers(mvsec_image_events).as_doubles())
            last_events_.push_back(static_cast<std::int64_t>(number));
        if (times_.size() != last_events_.size() ||
            times_.size() != data_.shape(mvsec_images).at(0))
            throw InputError(
                fmt::format("{}: {}, {} and {} differ in length; each needs one value "
                            "an image.",
                            data_.path(), mvsec_images, mvsec_image_times, mvsec_image_events));
        const std::string truth = fmt::format("{}/{}_gt.hdf5", settings.folder, name);
        if (!fs::exists(truth)) return;
        truth_.emplace(truth);
        require_shape(*truth_, mvsec_flows, {2, mvsec::rows, mvsec::columns});
        flow_times_ = truth_->numbers(mvsec_flow_times).as_doubles();
        if (flow_times_.size() != truth_->shape(mvsec_flows).at(0))
            throw InputError(
                fmt::format("{}: {} and {} differ in length; each needs one value a "
                            "flow.",
                            truth, mvsec_flows, mvsec_flow_times));
    }

    bool has_truth() const { return truth_.has_value(); }
    std::size_t size() const {
        return times_.size() > settings_.frames ? times_.size() - settings_.frames : 0;
    }

    // Adds the sample that begins with image `first`, unless no event is in it.
    void add_to(EventSet& set, std::size_t first) {
        const std::size_t last = first + settings_.frames;
        const std::int64_t begin = last_events_[first] + 1, end = last_events_[last] + 1;
        if (begin < 0 || end <= begin) return;
        const std::vector<double> events =
            data_
                .numbers(mvsec_events, static_cast<std::uint64_t>(end - begin),
                         static_cast<std::uint64_t>(begin))
                .as_doubles();
        const double length = times_[last] - times_[first];
        WindowEvents taken(settings_.window);
        for (std::size_t e = 0; e + 4 <= events.size(); e += 4) {
            const auto x = whole<std::uint16_t>(events[e]), y = whole<std::uint16_t>(events[e + 1]);
            if (!x || !y || *x >= mvsec::columns || *y >= mvsec::rows)
                throw InputError(
                    fmt::format("{}: event {} is at x = {}, y = {}; the sensor has {} "
                                "columns and {} rows.",
                                data_.path(), begin + static_cast<std::int64_t>(e / 4), events[e],
                                events[e + 1], mvsec::columns, mvsec::rows));
            taken.add(*x, *y, (events[e + 2] - times_[first]) / length, events[e + 3] > 0);
        }
        set.left_out.area += taken.beyond();
        if (taken.empty()) return;
        std::vector<std::uint32_t> keys = taken.keys();
        set.add(keys, 0, target(first, last, taken.active()));
    }

  private:
    static void require_shape(Hdf5Reader& file, const char* dataset,
                              const std::vector<std::uint64_t>& row) {
        if (!file.has(dataset))
            throw InputError(fmt::format("{}: there is no {}; a file of MVSEC is expected.",
                                         file.path(), dataset));
        const std::vector<std::uint64_t> shape = file.shape(dataset);
        if (shape.size() != row.size() + 1 ||
            !std::equal(row.begin(), row.end(), shape.begin() + 1))
            throw InputError(
                fmt::format("{}: {} has another shape than that of MVSEC.", file.path(), dataset));
    }

    const std::vector<float>& flow(std::size_t g) {
        auto& kept = flows_[g];
        if (kept.empty()) {
            if (flows_.size() > 4) flows_.erase(flows_.begin());  // those before are over
            std::vector<float>& fresh = flows_[g];
            truth_->numbers(mvsec_flows, 1, g).numbers().visit([&](auto stored) {
                for (const auto value : stored) fresh.push_back(static_cast<float>(value));
            });
            return fresh;
        }
        return kept;
    }

    // Flow, mask and pictures of the part of the sensor that is taken.
    std::vector<float> target(std::size_t first, std::size_t last,
                              const std::vector<bool>& active) {
        const MapShape& shape = settings_.window.shape;
        constexpr std::size_t pixels = std::size_t{mvsec::rows} * mvsec::columns;
        std::vector<float> truth;
        if (truth_)
            truth = mvsec::true_flow(
                flow_times_, [&](std::size_t g) -> const std::vector<float>& { return flow(g); },
                times_[first], times_[last]);
        const std::uint32_t most_row =
            name_.starts_with("outdoor") ? rows_without_car : mvsec::rows;
        const std::vector<double> before = data_.numbers(mvsec_images, 1, first).as_doubles(),
                                  after = data_.numbers(mvsec_images, 1, last).as_doubles();
        std::vector<float> flow, mask, frames;
        for (std::uint32_t r = 0; r < shape.rows; ++r)
            for (std::uint32_t c = 0; c < shape.columns; ++c) {
                const std::uint32_t row = r + settings_.window.first_row();
                const std::size_t pixel =
                    std::size_t{row} * mvsec::columns + c + settings_.window.first_column();
                const float u = truth.empty() ? 0 : truth[pixel],
                            v = truth.empty() ? 0 : truth[pixels + pixel];
                const bool known =
                    !truth.empty() && std::isfinite(u) && std::isfinite(v) && row < most_row;
                flow.push_back(known ? u : 0);
                flow.push_back(known ? v : 0);
                mask.push_back(known && active[r * shape.columns + c] ? 1.0f : 0.0f);
                frames.push_back(static_cast<float>(before[pixel] / 255));
                frames.push_back(static_cast<float>(after[pixel] / 255));
            }
        flow.insert(flow.end(), mask.begin(), mask.end());
        flow.insert(flow.end(), frames.begin(), frames.end());
        return flow;
    }

    const MvsecSettings& settings_;
    std::string name_;
    Hdf5Reader data_;
    std::optional<Hdf5Reader> truth_;
    std::vector<double> times_, flow_times_;  // seconds since 1970
    std::vector<std::int64_t> last_events_;   // before each image
    std::map<std::size_t, std::vector<float>> flows_;
};

EventSet mvsec_split(const MvsecSettings& s, const std::vector<std::string>& names,
                     const InputRequest& request, std::vector<std::string>& notes) {
    std::string depends_on = fmt::format(
        "mvsec {} {} {} {} {} {} {}", mvsec_revision, s.window.shape.rows, s.window.shape.columns,
        s.window.ticks, s.frames, s.window.by_count, request.limit);
    for (const std::string& name : names)
        for (const char* file : {"data", "gt"})
            depends_on += state_of_file(fmt::format("{}/{}_{}.hdf5", s.folder, name, file));
    const MapShape& shape = s.window.shape;
    const SetForm form{static_cast<std::uint32_t>(shape.size()), s.window.ticks, {shape, true}};
    auto make = [&](const std::function<void(const EventSet&)>& take) -> json {
        json without = json::array();
        take_sequences(names, form, request, take, [&](const std::string& name) {
            MvsecSequence sequence(s, name);
            if (!sequence.has_truth()) without.push_back(name);
            return sequence;
        });
        return without;
    };
    json without;
    EventSet set = cached_set(depends_on, form, make, without);
    for (const std::string name : without)
        notes.push_back(
            fmt::format("there is no {}_gt.hdf5, so no pixel of that sequence counts "
                        "in endpoint errors.",
                        name));
    return set;
}

InputData load_mvsec(const InputRequest& request) {
    const json& input = *request.json;
    if (request.data_folder.empty())
        throw InputError(
            "The experiment reads sequences of MVSEC; say with --data DIR where NAME_data.hdf5 and "
            "NAME_gt.hdf5 are.");
    const MvsecSettings settings{
        request.data_folder, flow_window(request, mvsec::rows, mvsec::columns), input.at("frames")};
    InputData data;
    if (request.training)
        data.train = mvsec_split(settings, input.at("train"), request, data.notes);
    data.test = mvsec_split(settings, input.at("test"), request, data.notes);
    return data;
}

}  // namespace

InputFormat mvsec_format() {
    InputFormat format;
    format.name = "mvsec";
    format.doc =
        "sequences of MVSEC (346 x 260, left camera) for optical flow: a sample is the time from a "
        "grey frame to a later one, the middle of the sensor is the population's map; true flow "
        "from NAME_gt.hdf5, at pixels with events, of outdoor sequences above the car";
    format.fields = {
        list("train", text("", ""), "names of the sequences for training, NAME_data.hdf5")
            .otherwise(json::array({"outdoor_day2"})),
        list("test", text("", ""), "names of the sequences for the test")
            .otherwise(json::array(
                {"outdoor_day1", "indoor_flying1", "indoor_flying2", "indoor_flying3"})),
        integer("frames", "from the frame with which a sample begins to the one with which it ends")
            .otherwise(1)
            .between(1, 1000),
        flow_binning_field(),
    };
    format.load = &load_mvsec;
    format.targets = {.classes = false, .flow = true, .frames = true};
    return format;
}

}  // namespace synfire
