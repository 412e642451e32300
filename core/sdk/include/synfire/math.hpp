// Elementary functions whose bits do not depend on the CPU or on the C library: IEEE operations
// only, in a fixed order, and simple enough for the compiler to vectorise.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

#include "simd.hpp"

namespace synfire::math {

// e^x in single precision, relative error below 3e-7 for -87 <= x <= 88; below that range 0,
// above it the value at 88. Cody and Waite's reduction by ln 2 and a polynomial of degree 6.
SYNFIRE_INLINE float exp(float x) {
    const float clamped = x < -87.0f ? -87.0f : (x > 88.0f ? 88.0f : x);
    const float shifted = clamped * 1.44269504088896341f + 12582912.0f;  // round to nearest
    const float n = shifted - 12582912.0f;
    const float r = (clamped - n * 0.693359375f) + n * 2.12194440e-4f;
    float p = 1.9875691500e-4f;
    p = p * r + 1.3981999507e-3f;
    p = p * r + 8.3334519073e-3f;
    p = p * r + 4.1665795894e-2f;
    p = p * r + 1.6666665459e-1f;
    p = p * r + 5.0000001201e-1f;
    p = p * r * r + r + 1.0f;
    const std::int32_t exponent = (static_cast<std::int32_t>(n) + 127) << 23;
    float scale;
    std::memcpy(&scale, &exponent, sizeof scale);
    return x < -87.0f ? 0.0f : p * scale;
}

namespace detail {

// 2^(i / 128), by a series whose terms long double holds to more digits than double has.
constexpr std::array<double, 128> parts_of_two = [] {
    std::array<double, 128> table{};
    for (int i = 0; i < 128; ++i) {
        const long double x = i * 0.693147180559945309417232121458176568L / 128;
        long double sum = 1, term = 1;
        for (int k = 1; k < 30; ++k) sum += term *= x / k;
        table[static_cast<std::size_t>(i)] = static_cast<double>(sum);
    }
    return table;
}();

}  // namespace detail

// e^x in double precision, relative error below 5e-16 for -708 <= x <= 709; below that range 0,
// above it the value at 709. x = k ln 2 / 128 + r: a table for k, a polynomial of degree 5 for r.
inline double exp(double x) {
    const double clamped = x < -708.0 ? -708.0 : (x > 709.0 ? 709.0 : x);
    constexpr double round = 0x1.8p52;
    const double shifted = clamped * (0x1.71547652b82fep0 * 128) + round;
    const double n = shifted - round;
    const double r = (clamped - n * 0x1.62e42fefa0000p-8) - n * 0x1.cf79abc9e3b39p-47;
    const double square = r * r;
    const double p =
        r + square * (0.5 + r * (1.0 / 6)) + square * square * (1.0 / 24 + r * (1.0 / 120));
    // Beside 1.5 * 2^52 a step of the bits is a step of 1.
    const std::int64_t k =
        std::bit_cast<std::int64_t>(shifted) - std::bit_cast<std::int64_t>(round);
    const double scale = std::bit_cast<double>(((k >> 7) + 1023) << 52);
    const double part = detail::parts_of_two[static_cast<std::size_t>(k & 127)];
    return x < -708.0 ? 0.0 : (part + part * p) * scale;
}

// The natural logarithm in double precision of a normal number above 0, relative error below 1e-15
// away from 1. x = 2^e m, sqrt(1/2) <= m < sqrt(2), and log m = 2 atanh((m - 1) / (m + 1)).
inline double log(double x) {
    const std::uint64_t bits = std::bit_cast<std::uint64_t>(x);
    auto e = static_cast<std::int64_t>(bits >> 52) - 1023;
    double m = std::bit_cast<double>((bits & 0xfffffffffffffull) | 0x3ff0000000000000ull);
    if (m >= 0x1.6a09e667f3bcdp0) {
        m /= 2;
        ++e;
    }
    const double s = (m - 1) / (m + 1), square = s * s;
    double sum = 0;
    for (int k = 23; k >= 1; k -= 2) sum = sum * square + 1.0 / k;
    const auto exponent = static_cast<double>(e);
    return exponent * 0x1.62e42fefa0000p-1 + (exponent * 0x1.cf79abc9e3b39p-40 + 2 * s * sum);
}

// The logistic function 1 / (1 + e^-x).
SYNFIRE_INLINE float sigmoid(float x) {
    return 1.0f / (1.0f + exp(-x));
}

// Powers d^k of a decay factor 0 <= d <= 1: what k silent ticks leave of a leaking quantity.
// Products of two entries of tables that fit the first-level cache, built by repeated
// multiplication until they fall below 2^-40 (2^-70 in double precision), where they are 0; a
// factor so near 1 that this takes very long is continued one table after the other.
template <class Real>
class Powers {
  public:
    explicit Powers(Real decay) {
        Real power = 1;
        for (Real& p : within_) {
            p = power > least ? power : 0;
            power *= decay;
        }
        const Real block_decay = power;
        power = 1;
        while (power > least && blocks_.size() < most_blocks) {
            blocks_.push_back(power);
            power *= block_decay;
        }
        whole_table_ = power > least ? power : 0;
    }
    Real operator[](std::uint32_t ticks) const {
        std::uint32_t at = ticks / block;
        Real factor = 1;
        for (; at >= blocks_.size() && factor > 0; at -= size()) factor *= whole_table_;
        return factor > 0 ? factor * blocks_[at] * within_[ticks % block] : 0;
    }

  private:
    static constexpr std::uint32_t block = 256;
    static constexpr std::size_t most_blocks = 64;
    static constexpr Real least = static_cast<Real>(sizeof(Real) == 8 ? 0x1p-70 : 0x1p-40);
    std::uint32_t size() const { return static_cast<std::uint32_t>(blocks_.size()); }
    std::array<Real, block> within_;
    std::vector<Real> blocks_;
    Real whole_table_;
};

using DecayTable = Powers<float>;

}  // namespace synfire::math
