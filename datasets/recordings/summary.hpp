// What a recording holds, gathered in one pass.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "recordings/decoder.hpp"
#include "recordings/hot_pixels.hpp"

namespace synfire {

struct RecordingSummary {
    RecordingInfo info;
    std::uint64_t events = 0, on = 0;
    std::uint64_t sum_x = 0, sum_y = 0;
    std::int64_t sum_time_us = 0;            // modulo 2^64
    std::int64_t first_us = 0, last_us = 0;  // of the first and last event in the file
    std::int64_t earliest_us = std::numeric_limits<std::int64_t>::max();
    std::int64_t latest_us = std::numeric_limits<std::int64_t>::min();
    std::uint32_t min_x = UINT32_MAX, max_x = 0, min_y = UINT32_MAX, max_y = 0;
    std::uint64_t backward = 0;  // events whose time is before that of the one in front of them
    std::uint64_t largest_step_us = 0;  // back
    std::uint64_t outside = 0;          // events beyond the sensor that the file names

    // Events of each stretch of the clock that has any: when it begins, and how many. Stretches are
    // equally long, and at most 32.
    std::int64_t stretch_us = 0;
    std::vector<std::pair<std::int64_t, std::uint64_t>> over_time;
    std::vector<HotPixel> hot;

    double seconds() const {
        return events ? 1e-6 * (static_cast<double>(latest_us) - static_cast<double>(earliest_us))
                      : 0;
    }
};

RecordingSummary summarise(Decoder& decoder);

}  // namespace synfire
