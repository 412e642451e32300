// A simulated event camera: every pixel remembers the log intensity at its last event and fires
// when the light has changed by its threshold (Lichtsteiner et al. 2008), ON for brighter and OFF
// for darker. Thresholds differ from pixel to pixel, and pixels also fire by themselves.
#pragma once

#include <cstdint>
#include <vector>

#include "base/random.hpp"

namespace synfire {

struct SimulatedEvent {
    float seconds;
    std::uint16_t x, y;
    bool on;
};

class EventCamera {
  public:
    struct Settings {
        std::uint32_t rows, columns;
        float noise_hz = 0;      // events a second that each pixel fires by itself
        float threshold = 0.3f;  // of log intensity
        float mismatch = 0.1f;   // its relative deviation between pixels
        float refractory_s = 0;  // for which a pixel is silent after an event; the change is lost
        // Whether an event is at the moment at which the light, taken to change evenly, crosses the
        // threshold; otherwise anywhere in the time of a look.
        bool at_crossing = false;
    };
    EventCamera(const Settings& settings, Random& random);

    // Shows the log intensity of every pixel (row by row) from `before` to `now`, changing
    // linearly; adds the events of that time. The first call only sets what the pixels remember.
    void look(const std::vector<float>& log_intensity, float before, float now, Random& random,
              std::vector<SimulatedEvent>& events);

  private:
    Settings settings_;
    bool sees_ = false;
    std::vector<float> threshold_, remembered_, last_s_;
};

}  // namespace synfire
