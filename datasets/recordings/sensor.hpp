// How a recording counts its sensor's pixels, and where they lie in an upright picture.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <string>
#include <utility>

#include "base/problem.hpp"
#include "recordings/decoder.hpp"

namespace synfire {

struct Sensor {
    std::uint32_t columns = 0, rows = 0;  // 0: not known
    bool mirrored = false, upward = false;
    bool transposed = false;  // x and y change places once it is upright

    bool holds(const CameraEvent& event) const { return event.x < columns && event.y < rows; }
    // Column and row in the upright picture, from the upper left corner. The sensor has to hold the
    // event where it is mirrored or upward.
    std::pair<std::uint32_t, std::uint32_t> upright(const CameraEvent& event) const {
        std::uint32_t x = event.x, y = event.y;
        if (mirrored) x = columns - 1 - x;
        if (upward) y = rows - 1 - y;
        if (transposed) std::swap(x, y);
        return {x, y};
    }
    // Throws InputError where the recording counts from the other side of a sensor whose size
    // nothing says.
    void require_size(const std::string& recording) const {
        if ((mirrored || upward) && columns == 0)
            throw InputError(fmt::format(
                "{}: the recording counts rows from below, or columns from the right, and does not "
                "say how many there are.",
                recording));
    }
};

}  // namespace synfire
