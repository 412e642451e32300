#include "shd/shd.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <fstream>

#include "base/hdf5_mark.hpp"
#include "base/hdf5_reader.hpp"
#include "base/numbers.hpp"
#include "base/problem.hpp"
#include "binning.hpp"

namespace synfire {
namespace {

constexpr std::uint32_t late = UINT32_MAX;  // mark of an event after the last tick

// Ticks of every recording's events, behind one another.
struct Ticks {
    std::vector<std::uint64_t> begin{0};
    std::vector<std::uint32_t> tick;
};

// visit(time in seconds) for the times of a recording.
template <class Visit>
void for_each_time(const Hdf5Reader& file, std::size_t recording, const StoredNumbers& stored,
                   Visit visit) {
    stored.visit([&](auto times) {
        for (std::size_t e = 0; e < times.size(); ++e) {
            const auto time = static_cast<double>(times[e]);
            if (!(time >= 0) || std::isinf(time))
                throw InputError(fmt::format(
                    "{}: event {} of recording {} has the time {} s; times are numbers of "
                    "seconds, 0 or later.",
                    file.path(), e, recording, number_text(times[e])));
            visit(time);
        }
    });
}

Ticks read_ticks(Hdf5Reader& file, std::size_t count, std::uint32_t ticks, double dt_ms) {
    Ticks result;
    file.ragged("/spikes/times", count, [&](std::size_t recording, const StoredNumbers& stored) {
        const StoredType type = stored.type();
        const TickClock clock(1000, dt_ms, type.kind == StoredType::real ? type.digits : 53);
        for_each_time(file, recording, stored, [&](double time) {
            const double tick = clock.tick(time);
            result.tick.push_back(tick < ticks ? static_cast<std::uint32_t>(tick) : late);
        });
        result.begin.push_back(result.tick.size());
    });
    return result;
}

// visit(event, unit) for the units of a recording, which has so many times.
template <class Visit>
void for_each_unit(const Hdf5Reader& file, std::size_t recording, const StoredNumbers& stored,
                   std::uint64_t times, std::uint32_t units, Visit visit) {
    if (stored.size() != times)
        throw InputError(
            fmt::format("{}: recording {} has {} times and {} units; as many "
                        "of each are expected.",
                        file.path(), recording, times, stored.size()));
    stored.visit([&](auto channels) {
        for (std::size_t e = 0; e < channels.size(); ++e) {
            const auto channel = whole<std::uint32_t>(channels[e]);
            if (!channel || *channel >= units)
                throw InputError(fmt::format(
                    "{}: event {} of recording {} is of unit {}; the input population has the "
                    "units 0 to {}, whole numbers.",
                    file.path(), e, recording, number_text(channels[e]), units - 1));
            visit(e, *channel);
        }
    });
}

// Of the first `count` recordings.
std::vector<std::uint32_t> read_labels(Hdf5Reader& file, std::size_t count) {
    std::vector<std::uint32_t> labels;
    file.numbers("/labels", count).numbers().visit([&](auto stored) {
        for (const auto value : stored) {
            const auto label = whole<std::uint32_t>(value);
            if (!label)
                throw InputError(
                    fmt::format("{}: recording {} has the label {}; labels are whole numbers from "
                                "0 to {}.",
                                file.path(), labels.size(), number_text(value), UINT32_MAX));
            labels.push_back(*label);
        }
    });
    return labels;
}

// How many recordings the file holds.
std::uint64_t recordings_in(Hdf5Reader& file) {
    for (const char* name : {"/spikes/times", "/spikes/units", "/labels"})
        if (!file.has(name))
            throw InputError(
                fmt::format("{}: {} is missing; the file has to hold spikes/times, "
                            "spikes/units and labels.",
                            file.path(), name + 1));
    std::vector<std::uint64_t> labels = file.shape("/labels");
    if (labels.size() == 2 && labels[1] == 1) labels.pop_back();  // a column
    if (labels.size() != 1)
        throw InputError(
            fmt::format("{}: labels has the shape [{}]; one number a recording is expected, as a "
                        "list or a column.",
                        file.path(), fmt::join(labels, ", ")));
    if (file.shape("/spikes/times") != labels || file.shape("/spikes/units") != labels)
        throw InputError(
            fmt::format("{}: spikes/times, spikes/units and labels differ in length; "
                        "each needs one entry a recording.",
                        file.path()));
    return labels[0];
}

}  // namespace

EventSet read_shd(const std::string& path, std::uint32_t units, std::uint32_t ticks, double dt_ms,
                  std::uint64_t limit) {
    Hdf5Reader file(path);
    const auto count = static_cast<std::size_t>(std::min(recordings_in(file), limit));
    const std::vector<std::uint32_t> labels = read_labels(file, count);
    const Ticks times = read_ticks(file, count, ticks, dt_ms);
    EventSet set;
    set.units = units;
    set.ticks = ticks;
    std::vector<std::uint32_t> keys;
    file.ragged("/spikes/units", count, [&](std::size_t recording, const StoredNumbers& stored) {
        const std::uint64_t first = times.begin[recording];
        keys.clear();
        for_each_unit(file, recording, stored, times.begin[recording + 1] - first, units,
                      [&](std::size_t e, std::uint32_t unit) {
                          const std::uint32_t tick = times.tick[first + e];
                          if (tick == late)
                              ++set.left_out.late;
                          else
                              keys.push_back(tick * units + unit);
                      });
        set.add(keys, labels[recording]);
    });
    return set;
}

bool has_shd_layout(const std::string& path) {
    if (!std::filesystem::is_regular_file(path)) return false;  // a pipe would be waited for
    std::string beginning(hdf5_mark.size(), '\0');
    std::ifstream(path, std::ios::binary)
        .read(beginning.data(), static_cast<std::streamsize>(beginning.size()));
    if (beginning != hdf5_mark) return false;
    try {
        return Hdf5Reader(path).has("/spikes/times");
    } catch (const InputError&) {
        return false;
    }
}

ShdSummary summarise_shd(const std::string& path) {
    Hdf5Reader file(path);
    ShdSummary summary;
    summary.recordings = recordings_in(file);
    const auto count = static_cast<std::size_t>(summary.recordings);
    for (const std::uint32_t label : read_labels(file, count)) ++summary.labels[label];
    std::vector<std::uint64_t> times;  // of each recording
    file.ragged("/spikes/times", count, [&](std::size_t recording, const StoredNumbers& stored) {
        for_each_time(file, recording, stored, [&](double time) {
            summary.first_s = summary.events == 0 ? time : std::min(summary.first_s, time);
            summary.last_s = std::max(summary.last_s, time);
            ++summary.events;
        });
        times.push_back(stored.size());
        summary.empty += stored.size() == 0;
    });
    file.ragged("/spikes/units", count, [&](std::size_t recording, const StoredNumbers& stored) {
        for_each_unit(file, recording, stored, times[recording], UINT32_MAX,
                      [&](std::size_t, std::uint32_t unit) {
                          summary.units = std::max(summary.units, unit + 1);
                      });
    });
    return summary;
}

InputData read_shd_folder(const std::string& folder, const std::string& train,
                          const std::string& test, const InputRequest& r) {
    InputData data;
    if (r.training) data.train = read_shd(folder + "/" + train, r.units, r.ticks, r.dt_ms, r.limit);
    data.test = read_shd(folder + "/" + test, r.units, r.ticks, r.dt_ms, r.limit);
    return data;
}

InputFormat shd_format() {
    return {
        "shd",
        "HDF5 in the layout of SHD and SSC",
        {text("train", "file of the training recordings, in the --data folder")
             .otherwise("train.h5"),
         text("test", "file of the test recordings, in the --data folder").otherwise("test.h5")},
        [](const InputRequest& request) {
            if (request.data_folder.empty())
                throw InputError(
                    fmt::format("The experiment reads {} and {}; say where they are with "
                                "--data DIR.",
                                request.json->at("train").dump(), request.json->at("test").dump()));
            return read_shd_folder(request.data_folder, request.json->at("train"),
                                   request.json->at("test"), request);
        }};
}

}  // namespace synfire
