#include <fmt/format.h>

#include "atis/atis.hpp"
#include "base/problem.hpp"
#include "binning.hpp"
#include "recordings/containers.hpp"

namespace synfire {

std::vector<CameraEvent> read_atis(const std::string& path) {
    return events_of(*open_recording(path, "atis"));
}

void add_atis(EventSet& set, const std::vector<CameraEvent>& events, std::uint32_t label,
              const AtisRequest& request, const std::string& path) {
    const std::uint64_t columns = std::uint64_t{request.shape.columns} * request.downsample;
    const std::uint64_t rows = std::uint64_t{request.shape.rows} * request.downsample;
    const TickClock clock(0.001, request.dt_ms, 53);
    std::vector<std::uint32_t> keys;
    keys.reserve(events.size());
    for (std::size_t i = 0; i < events.size(); ++i) {
        const CameraEvent& e = events[i];
        if (e.x >= columns || e.y >= rows)
            throw InputError(fmt::format(
                "{}: event {} is at x = {}, y = {}; the input population stands for a sensor of {} "
                "columns and {} rows, so x is 0 to {} and y 0 to {}.",
                path, i, e.x, e.y, columns, rows, columns - 1, rows - 1));
        const std::uint64_t tick =
            request.binning == AtisBinning::count
                ? i * request.ticks / events.size()
                : static_cast<std::uint64_t>(clock.tick(static_cast<double>(e.time_us)));
        if (tick >= request.ticks)
            ++set.late;
        else
            keys.push_back(static_cast<std::uint32_t>(tick) * set.units +
                           request.shape.neuron(e.polarity, e.y / request.downsample,
                                                e.x / request.downsample));
    }
    set.add(keys, label);
}

}  // namespace synfire
