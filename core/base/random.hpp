// Random numbers by counter: Philox4x32-10 (Salmon et al., SC 2011; Random123). A number is a
// function of (seed, stream, two indices, position), so it is the same whatever thread draws it and
// in whatever order.
#pragma once

#include <Random123/philox.h>

#include <cmath>
#include <cstdint>
#include <numbers>

namespace synfire {

// What the numbers are for: streams never share numbers.
enum class Stream : std::uint32_t {
    weights = 1,
    feedback,
    sample_order,
    augmentation,
    scene,
    topology,
    dropout,
    noise,
    parameters,
    initial_state
};

class Random {
  public:
    Random(std::uint64_t seed, Stream stream, std::uint32_t a, std::uint32_t b)
        : key_{{static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32)}},
          counter_{{0, static_cast<std::uint32_t>(stream), a, b}} {}

    // 32 uniform bits.
    std::uint32_t bits() {
        if (used_ == 4) {
            block_ = r123::Philox4x32{}(counter_, key_);
            ++counter_[0];
            used_ = 0;
        }
        return block_[used_++];
    }
    // Uniform in [0, 1), a multiple of 2^-24.
    float uniform() { return static_cast<float>(bits() >> 8) * 0x1p-24f; }
    // Uniform in [0, 1), a multiple of 2^-53.
    double uniform64() {
        const std::uint64_t high = bits() >> 5, low = bits() >> 6;
        return static_cast<double>(high << 26 | low) * 0x1p-53;
    }
    float uniform(float low, float high) { return low + (high - low) * uniform(); }
    // Uniform in 0..count-1, by multiplication (bias below count / 2^32).
    std::uint32_t below(std::uint32_t count) {
        return static_cast<std::uint32_t>((std::uint64_t{bits()} * count) >> 32);
    }
    // Uniform in -reach..reach.
    std::int32_t around(std::int32_t reach) {
        return static_cast<std::int32_t>(below(2 * static_cast<std::uint32_t>(reach) + 1)) - reach;
    }
    // Standard normal (Box and Muller), one value a pair of uniforms.
    float normal() { return static_cast<float>(normal64()); }
    double normal64() {
        const double u = (static_cast<double>(bits()) + 0.5) * 0x1p-32;
        const double angle = 2 * std::numbers::pi * static_cast<double>(bits()) * 0x1p-32;
        return std::sqrt(-2 * std::log(u)) * std::cos(angle);
    }

  private:
    r123::Philox4x32::key_type key_;
    r123::Philox4x32::ctr_type counter_;
    r123::Philox4x32::ctr_type block_{};
    int used_ = 4;
};

}  // namespace synfire
