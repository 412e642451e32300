// Whole numbers out of numbers of any type, without a change of value.
#pragma once

#include <cmath>
#include <concepts>
#include <limits>
#include <optional>
#include <utility>

namespace synfire {

// The whole number of type To that `number` is, or nothing: a fraction, NaN or out of its range.
template <std::integral To, class From>
std::optional<To> whole(From number) {
    if constexpr (std::integral<From>) {
        if (!std::in_range<To>(number)) return std::nullopt;
    } else {
        // The bounds are powers of two or 0, so they are exact as doubles; NaN fits neither.
        const double value = number;
        const double above = std::ldexp(1.0, std::numeric_limits<To>::digits);
        if (!(value >= static_cast<double>(std::numeric_limits<To>::min()) && value < above) ||
            value != std::trunc(value))
            return std::nullopt;
    }
    return static_cast<To>(number);
}

}  // namespace synfire
