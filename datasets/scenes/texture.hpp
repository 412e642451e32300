// Surfaces whose spectrum falls as 1 / f, as those of natural pictures do (Field 1987): sums of
// noise of wavelengths that halve from one to the next, all of one amplitude.
#pragma once

#include <cmath>
#include <cstdint>
#include <vector>

#include "base/random.hpp"

namespace synfire::scenes {

class Texture {
  public:
    explicit Texture(Random& random);

    // Grey value from 0.02 to 1 at a place in pixels, between those around it; repeats itself every
    // `period` pixels.
    float at(float x, float y) const {
        const float left = std::floor(x), top = std::floor(y);
        const float right = x - left, down = y - top;
        const auto column = static_cast<std::uint32_t>(static_cast<std::int32_t>(left));
        const auto row = static_cast<std::uint32_t>(static_cast<std::int32_t>(top));
        const float a = value(row, column), b = value(row, column + 1), c = value(row + 1, column),
                    d = value(row + 1, column + 1);
        const float above = a + right * (b - a), below = c + right * (d - c);
        return above + down * (below - above);
    }
    static constexpr std::uint32_t period = 256;

  private:
    float value(std::uint32_t row, std::uint32_t column) const {
        return values_[row % period * period + column % period];
    }
    std::vector<float> values_;
};

}  // namespace synfire::scenes
