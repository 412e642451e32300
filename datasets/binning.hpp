// Which tick an event belongs to. The tick k reaches from k dt to just before (k + 1) dt. A time at
// the border of two ticks belongs to the later one, also where its stored value is a rounding error
// below the border: a time that the type in which it was stored cannot tell from a border is taken
// for the border. Any other time stays in the tick that it lies in.
#pragma once

#include <algorithm>
#include <cmath>

namespace synfire {

class TickClock {
  public:
    // unit_ms: of the times. digits: binary digits of the type that they were stored in, such as 24
    // of float32; 53 of whole numbers, which are exact.
    TickClock(double unit_ms, double dt_ms, int digits)
        : unit_ms_(unit_ms),
          dt_ms_(dt_ms),
          resolution_(std::ldexp(own_roundings, -53) +
                      (digits < 53 ? std::ldexp(stored_roundings, -digits) : 0.0)) {}

    // The number of the tick, whole; time is 0 or more.
    double tick(double time) const {
        const double position = time * unit_ms_ / dt_ms_;
        const double in = std::floor(position);
        return in + 1 - position <= std::min(most_moved, position * resolution_) ? in + 1 : in;
    }

  private:
    // A time is often a product that was rounded, of factors that were.
    static constexpr double stored_roundings = 2;
    // Those of a double, of dt and of the arithmetic here.
    static constexpr double own_roundings = 8;
    // Where a type is too coarse for the ticks (float16: 0.5 ms after half a second, 1 ms after a
    // second), no event is taken further than this part of a tick.
    static constexpr double most_moved = 1.0 / 16;

    double unit_ms_, dt_ms_, resolution_;
};

}  // namespace synfire
