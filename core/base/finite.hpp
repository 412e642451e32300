// Whether numbers are finite, at the cost of reading them.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <span>

namespace synfire {

// Of infinities and of what is no number all bits of the exponent are set. Compared as whole
// numbers, so that the loop becomes vectors.
inline bool all_finite(std::span<const float> values) {
    std::int32_t largest = 0;
    for (const float v : values)
        largest = std::max(largest, std::bit_cast<std::int32_t>(v) & 0x7fffffff);
    return largest < 0x7f800000;
}

inline bool all_finite(std::span<const double> values) {
    std::int64_t largest = 0;
    for (const double v : values)
        largest = std::max(largest, std::bit_cast<std::int64_t>(v) & 0x7fffffffffffffff);
    return largest < 0x7ff0000000000000;
}

}  // namespace synfire
