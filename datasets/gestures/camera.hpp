// A simulated event camera: every pixel remembers the log intensity at its last event and fires
// when the light has changed by its threshold (Lichtsteiner et al. 2008), ON for brighter and OFF
// for darker. Thresholds differ from pixel to pixel, and pixels also fire by themselves.
#pragma once

#include <cstdint>
#include <vector>

#include "base/random.hpp"

namespace synfire::gestures {

struct Event {
    float seconds;
    std::uint16_t x, y;
    bool on;
};

class Camera {
  public:
    // noise_hz: events a second that each pixel fires by itself.
    Camera(std::uint32_t rows, std::uint32_t columns, float noise_hz, Random& random);

    // Shows the log intensity of every pixel (row by row) from `before` to `now`, changing
    // linearly; adds the events of that time. The first call only sets what the pixels remember.
    void look(const std::vector<float>& log_intensity, float before, float now, Random& random,
              std::vector<Event>& events);

  private:
    std::uint32_t columns_;
    float noise_hz_;
    bool sees_ = false;
    std::vector<float> threshold_, remembered_;
};

}  // namespace synfire::gestures
