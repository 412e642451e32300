// An event of a camera: one pixel saw light grow or fall.
#pragma once

#include <cstdint>

namespace synfire {

struct CameraEvent {
    std::int64_t time_us;   // in the recording's own clock
    std::uint16_t x, y;     // as the container counts them; which way up: RecordingInfo
    std::uint8_t polarity;  // 0: darker (OFF), 1: brighter (ON)

    friend bool operator==(const CameraEvent&, const CameraEvent&) = default;
};

}  // namespace synfire
