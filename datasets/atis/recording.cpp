#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "atis/atis.hpp"
#include "base/lfs_pointer.hpp"
#include "base/problem.hpp"
#include "binning.hpp"

namespace synfire {
namespace {

constexpr std::size_t event_bytes = 5;
constexpr std::uint16_t overflow_row = 240;
constexpr std::uint32_t overflow_us = 1u << 13;

std::vector<unsigned char> content(const std::string& path) {
    std::ifstream stream(path, std::ios::binary);
    std::vector<unsigned char> bytes{std::istreambuf_iterator<char>(stream),
                                     std::istreambuf_iterator<char>()};
    if (!stream.good() && !stream.eof())
        throw InputError(fmt::format("{}: the file cannot be read.", path));
    return bytes;
}

}  // namespace

std::vector<AtisEvent> read_atis(const std::string& path) {
    if (!std::filesystem::is_regular_file(path))
        throw InputError(fmt::format("{}: there is no such file.", path));
    if (is_lfs_pointer(path)) throw InputError(lfs_pointer_message(path));
    return atis_events(content(path), path);
}

std::vector<AtisEvent> atis_events(std::span<const unsigned char> bytes, const std::string& path) {
    if (bytes.size() % event_bytes != 0)
        throw InputError(fmt::format(
            "{}: the file ends within an event: it has {} bytes, and events of {} bytes each are "
            "expected.",
            path, bytes.size(), event_bytes));
    std::vector<AtisEvent> events;
    events.reserve(bytes.size() / event_bytes);
    std::uint64_t later = 0;
    for (std::size_t at = 0; at < bytes.size(); at += event_bytes) {
        const unsigned char* b = bytes.data() + at;
        const std::uint32_t time =
            (std::uint32_t{b[2] & 0x7fu} << 16) | (std::uint32_t{b[3]} << 8) | b[4];
        if (b[1] == overflow_row)
            later += overflow_us;
        else
            events.push_back({b[0], b[1], static_cast<std::uint8_t>(b[2] >> 7), time + later});
    }
    return events;
}

void add_atis(EventSet& set, const std::vector<AtisEvent>& events, std::uint32_t label,
              const AtisRequest& request, const std::string& path) {
    const std::uint64_t columns = std::uint64_t{request.shape.columns} * request.downsample;
    const std::uint64_t rows = std::uint64_t{request.shape.rows} * request.downsample;
    const TickClock clock(0.001, request.dt_ms, 53);
    std::vector<std::uint32_t> keys;
    keys.reserve(events.size());
    for (std::size_t i = 0; i < events.size(); ++i) {
        const AtisEvent& e = events[i];
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
