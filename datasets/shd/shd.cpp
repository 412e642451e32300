#include "shd/shd.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/hdf5.hpp"
#include "base/problem.hpp"

namespace synfire {
namespace {

constexpr std::uint32_t late = UINT32_MAX;  // mark of an event after the last tick

// Ticks of every recording's events, behind one another.
struct Ticks {
    std::vector<std::uint64_t> begin{0};
    std::vector<std::uint32_t> tick;
};

Ticks read_ticks(const Hdf5File& file, const std::string& path, std::size_t count,
                 std::uint32_t ticks, double dt_ms) {
    Ticks result;
    file.read_ragged<double>(
        "/spikes/times", count, [&](std::size_t recording, std::span<const double> times) {
            for (std::size_t e = 0; e < times.size(); ++e) {
                if (!(times[e] >= 0) || std::isinf(times[e]))
                    throw InputError(fmt::format(
                        "{}: event {} of recording {} has the time {} s; times are numbers of "
                        "seconds, 0 or later.",
                        path, e, recording, times[e]));
                const double tick = std::floor(times[e] * 1000.0 / dt_ms);
                result.tick.push_back(tick < ticks ? static_cast<std::uint32_t>(tick) : late);
            }
            result.begin.push_back(result.tick.size());
        });
    return result;
}

}  // namespace

EventSet read_shd(const std::string& path, std::uint32_t units, std::uint32_t ticks, double dt_ms,
                  std::uint64_t limit) {
    const Hdf5File file = Hdf5File::open(path);
    for (const char* name : {"/spikes/times", "/spikes/units", "/labels"})
        if (!file.has(name))
            throw InputError(
                fmt::format("{}: {} is missing; the file has to hold spikes/times, "
                            "spikes/units and labels.",
                            path, name + 1));
    const std::vector<std::uint32_t> labels = file.read<std::uint32_t>("/labels");
    const auto time_rows = file.shape("/spikes/times"), unit_rows = file.shape("/spikes/units");
    if (time_rows != unit_rows || time_rows != std::vector<std::uint64_t>{labels.size()})
        throw InputError(
            fmt::format("{}: spikes/times, spikes/units and labels differ in length; "
                        "each needs one entry a recording.",
                        path));
    const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(labels.size(), limit));
    const Ticks times = read_ticks(file, path, count, ticks, dt_ms);
    EventSet set;
    set.units = units;
    set.ticks = ticks;
    std::vector<std::uint32_t> keys;
    file.read_ragged<std::int64_t>(
        "/spikes/units", count, [&](std::size_t recording, std::span<const std::int64_t> channel) {
            const std::uint64_t first = times.begin[recording];
            if (channel.size() != times.begin[recording + 1] - first)
                throw InputError(fmt::format(
                    "{}: recording {} has {} times and {} units; as many "
                    "of each are expected.",
                    path, recording, times.begin[recording + 1] - first, channel.size()));
            keys.clear();
            for (std::size_t e = 0; e < channel.size(); ++e) {
                if (channel[e] < 0 || channel[e] >= units)
                    throw InputError(fmt::format(
                        "{}: event {} of recording {} is of unit {}; the input population has the "
                        "units 0 to {}.",
                        path, e, recording, channel[e], units - 1));
                const std::uint32_t tick = times.tick[first + e];
                if (tick == late)
                    ++set.late;
                else
                    keys.push_back(tick * units + static_cast<std::uint32_t>(channel[e]));
            }
            set.add(keys, labels[recording]);
        });
    return set;
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
