// The eleven motions of the gesture generator: where a shape is, and how large, at each moment.
#pragma once

#include <array>
#include <cstdint>

#include "base/random.hpp"

namespace synfire::gestures {

inline constexpr std::array<const char*, 11> motion_names = {
    "left",     "right",  "up",     "down", "turn_left", "turn_right",
    "approach", "recede", "zigzag", "wave", "pulse"};

// Position of the shape's centre in pixels (x to the right, y downwards) and its scale.
struct Pose {
    float x, y, scale;
};

// One performance of a motion: its start, speed, direction and phase are drawn at random, so that
// neither the place nor the pace gives the class away.
class Motion {
  public:
    // kind: an index into motion_names. extent: rows or columns of the sensor, pixels.
    Motion(std::uint32_t kind, float rows, float columns, float duration_s, Random& random);
    // seconds: 0 to the duration.
    Pose at(float seconds) const;

  private:
    enum Kind {
        left,
        right,
        up,
        down,
        turn_left,
        turn_right,
        approach,
        recede,
        zigzag,
        wave,
        pulse
    };

    std::uint32_t kind_;
    float duration_;
    float x_, y_;              // start
    float direction_;          // radians, 0 to the right, growing clockwise (y points down)
    float speed_;              // pixels a second
    float radius_;             // of turns, pixels
    float swing_, frequency_;  // of zigzag, wave and pulse: pixels or part of the scale, Hz
    float phase_;
};

}  // namespace synfire::gestures
