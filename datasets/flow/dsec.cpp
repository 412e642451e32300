#include "flow/dsec.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "base/hdf5_reader.hpp"
#include "base/problem.hpp"
#include "flow/sequences.hpp"
#include "pictures/png16.hpp"

namespace synfire {
namespace {

using json = nlohmann::json;
namespace fs = std::filesystem;

// Raised whenever equal sequences and settings come to give other samples.
constexpr std::uint32_t dsec_revision = 1;
constexpr std::uint32_t dsec_rows = 480, dsec_columns = 640;

struct DsecSettings {
    std::string folder;
    FlowWindow window;
};

// "from, to" in microseconds, one a line, perhaps behind a line that begins with '#'.
std::vector<std::pair<std::int64_t, std::int64_t>> read_intervals(const std::string& path) {
    std::ifstream file(path);
    if (!file) throw InputError(fmt::format("{}: there is no such file.", path));
    std::vector<std::pair<std::int64_t, std::int64_t>> intervals;
    std::string line;
    for (int number = 1; std::getline(file, line); ++number) {
        if (line.empty() || line[0] == '#') continue;
        long long from = 0, to = 0;
        if (std::sscanf(line.c_str(), "%lld , %lld", &from, &to) != 2 || from >= to)
            throw InputError({{"",
                               "The line is no interval; two times in microseconds, the first "
                               "before the second, with a comma between are expected.",
                               path, number}});
        intervals.emplace_back(from, to);
    }
    return intervals;
}

class DsecSequence {
  public:
    DsecSequence(const DsecSettings& settings, const std::string& name)
        : settings_(settings),
          folder_(settings.folder + "/" + name),
          events_(folder_ + "/events/left/events.h5"),
          intervals_(read_intervals(folder_ + "/flow/forward_timestamps.txt")) {
        for (const char* dataset :
             {"/events/x", "/events/y", "/events/t", "/events/p", "/ms_to_idx"})
            if (!events_.has(dataset))
                throw InputError(fmt::format("{}: there is no {}; a file of DSEC is expected.",
                                             events_.path(), dataset));
        if (events_.has("/t_offset"))
            offset_us_ = static_cast<std::int64_t>(events_.real_numbers("/t_offset").at(0));
        first_of_ms_ = events_.whole_numbers("/ms_to_idx");
        count_ = events_.shape("/events/t").at(0);
        Hdf5Reader map(folder_ + "/events/left/rectify_map.h5");
        if (map.shape("/rectify_map") != std::vector<std::uint64_t>{dsec_rows, dsec_columns, 2})
            throw InputError(fmt::format("{}: /rectify_map has another shape than [{}, {}, 2].",
                                         map.path(), dsec_rows, dsec_columns));
        rectified_ = map.finite_floats("/rectify_map");
        const fs::path pictures = folder_ + "/flow/forward";
        std::error_code error;
        for (const auto& entry : fs::directory_iterator(pictures, error))
            if (entry.path().extension() == ".png") pictures_.push_back(entry.path().string());
        if (error)
            throw InputError(fmt::format("{}: the folder cannot be read ({}).", pictures.string(),
                                         error.message()));
        std::ranges::sort(pictures_);
        if (pictures_.size() != intervals_.size())
            throw InputError(fmt::format(
                "{}: {} flows are there, and forward_timestamps.txt has {} intervals; one each is "
                "expected.",
                pictures.string(), pictures_.size(), intervals_.size()));
    }

    std::size_t size() const { return intervals_.size(); }

    // Adds the sample of that flow, unless no event is in it.
    void add_to(EventSet& set, std::size_t number) {
        const auto [from, to] = intervals_[number];
        const std::uint64_t begin = event_at(from), end = event_at(to + 1000);
        WindowEvents taken(settings_.window);
        if (end > begin) {
            auto part = [&](const char* name) {
                return events_.numbers(name, end - begin, begin).as_doubles();
            };
            const std::vector<double> x = part("/events/x"), y = part("/events/y"),
                                      t = part("/events/t"), p = part("/events/p");
            for (std::size_t e = 0; e < t.size(); ++e) {
                const double us = t[e] + static_cast<double>(offset_us_);
                if (us < static_cast<double>(from) || us >= static_cast<double>(to)) continue;
                if (!(x[e] >= 0 && x[e] < dsec_columns && y[e] >= 0 && y[e] < dsec_rows))
                    throw InputError(fmt::format(
                        "{}: event {} is at x = {}, y = {}; the sensor has {} columns and {} rows.",
                        events_.path(), begin + e, x[e], y[e], dsec_columns, dsec_rows));
                const std::size_t pixel =
                    static_cast<std::size_t>(y[e]) * dsec_columns + static_cast<std::size_t>(x[e]);
                const float column = std::round(rectified_[2 * pixel]),
                            row = std::round(rectified_[2 * pixel + 1]);
                const bool inside =
                    column >= 0 && row >= 0 && column < dsec_columns && row < dsec_rows;
                if (!inside) {
                    ++set.left_out.area;
                    continue;
                }
                taken.add(static_cast<std::uint32_t>(column), static_cast<std::uint32_t>(row),
                          (us - static_cast<double>(from)) / static_cast<double>(to - from),
                          p[e] > 0);
            }
        }
        set.left_out.area += taken.beyond();
        if (taken.empty()) return;
        std::vector<std::uint32_t> keys = taken.keys();
        set.add(keys, 0, target(number));
    }

  private:
    // The first event of the millisecond that holds a time.
    std::uint64_t event_at(std::int64_t us) const {
        const std::int64_t ms = (us - offset_us_) / 1000;
        if (ms < 0) return 0;
        if (static_cast<std::uint64_t>(ms) >= first_of_ms_.size()) return count_;
        return std::min(count_, first_of_ms_[static_cast<std::size_t>(ms)]);
    }

    // x = (R - 2^15) / 128, y = (G - 2^15) / 128, known where B is not 0.
    std::vector<float> target(std::size_t number) const {
        const Picture16 picture = read_png16(pictures_[number]);
        if (picture.columns != dsec_columns || picture.rows != dsec_rows || picture.channels != 3)
            throw InputError(fmt::format(
                "{}: a flow of {} columns, {} rows and 3 channels is expected; it has {}, {} and "
                "{}.",
                pictures_[number], dsec_columns, dsec_rows, picture.columns, picture.rows,
                picture.channels));
        const FlowWindow& window = settings_.window;
        std::vector<float> flow, mask;
        for (std::uint32_t r = 0; r < window.shape.rows; ++r)
            for (std::uint32_t c = 0; c < window.shape.columns; ++c) {
                const std::size_t pixel =
                    std::size_t{r + window.first_row()} * dsec_columns + c + window.first_column();
                const std::uint16_t* const values = picture.values.data() + 3 * pixel;
                const bool known = values[2] != 0;
                for (std::size_t k = 0; k < 2; ++k)
                    flow.push_back(known ? (static_cast<float>(values[k]) - 32768) / 128 : 0);
                mask.push_back(known ? 1.0f : 0.0f);
            }
        flow.insert(flow.end(), mask.begin(), mask.end());
        return flow;
    }

    const DsecSettings& settings_;
    std::string folder_;
    Hdf5Reader events_;
    std::vector<std::pair<std::int64_t, std::int64_t>> intervals_;  // microseconds
    std::int64_t offset_us_ = 0;
    std::vector<std::uint64_t> first_of_ms_;
    std::uint64_t count_ = 0;
    std::vector<float> rectified_;  // by pixel: column and row on the rectified picture
    std::vector<std::string> pictures_;
};

EventSet dsec_split(const DsecSettings& s, const std::vector<std::string>& names,
                    const InputRequest& request) {
    const MapShape& shape = s.window.shape;
    std::string depends_on =
        fmt::format("dsec {} {} {} {} {} {}", dsec_revision, shape.rows, shape.columns,
                    s.window.ticks, s.window.by_count, request.limit);
    for (const std::string& name : names)
        for (const char* file : {"events/left/events.h5", "events/left/rectify_map.h5",
                                 "flow/forward_timestamps.txt", "flow/forward"})
            depends_on += state_of_file(fmt::format("{}/{}/{}", s.folder, name, file));
    const SetForm form{static_cast<std::uint32_t>(shape.size()), s.window.ticks, {shape, false}};
    json none;
    return cached_set(
        depends_on, form,
        [&](const std::function<void(const EventSet&)>& take) -> json {
            take_sequences(names, form, request, take,
                           [&](const std::string& name) { return DsecSequence(s, name); });
            return json::object();
        },
        none);
}

InputData load_dsec(const InputRequest& request) {
    const json& input = *request.json;
    if (request.data_folder.empty())
        throw InputError(
            "The experiment reads sequences of DSEC; say with --data DIR where their folders are.");
    const DsecSettings settings{request.data_folder, flow_window(request, dsec_rows, dsec_columns)};
    InputData data;
    if (request.training) data.train = dsec_split(settings, input.at("train"), request);
    data.test = dsec_split(settings, input.at("test"), request);
    return data;
}

}  // namespace

InputFormat dsec_format() {
    InputFormat format;
    format.name = "dsec";
    format.doc =
        "sequences of DSEC (640 x 480, left camera) for optical flow: a sample is the time of a "
        "measured flow, events are rectified as the flow is, and the middle of the sensor is the "
        "population's map; pixels count where the flow is known";
    format.fields = {
        list("train", text("", ""), "names of the sequences for training, folders of --data")
            .must(),
        list("test", text("", ""), "names of the sequences for the test").must(),
        flow_binning_field(),
    };
    format.load = &load_dsec;
    format.targets = {.classes = false, .flow = true, .frames = false};
    return format;
}

}  // namespace synfire
