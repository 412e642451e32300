// Numbers as people write them: what counts as a whole number, which bounds the types have that
// numbers end in, and how a number is shown in a message.
#pragma once

#include <cmath>
#include <concepts>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace synfire {

// The largest whole number that anything may be set to: doubles hold all up to it exactly.
inline constexpr double largest_whole = 9e15;

// Numbers that end in single precision, where a result below the least normal number counts as 0.
inline constexpr double largest_single = std::numeric_limits<float>::max();
inline constexpr double least_single = std::numeric_limits<float>::min();
// Whether it is 0 or within those bounds.
bool fits_single(double value);

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

// The number, where it has no fraction and is at most largest_whole in size.
std::optional<std::int64_t> exact_whole(double value);

// A whole number in full: "1000", "1e3" or "2.0"; nothing where the text is anything else, such as
// 0x10, 1.5, or more than largest_whole in size.
std::optional<std::int64_t> whole_from(std::string_view text);

// In as few digits as say it exactly; large round ones as 9e15, others in full up to 2^53.
std::string number_text(double value);

}  // namespace synfire
