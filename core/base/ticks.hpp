// Times and ticks. A time is a number of ticks only where it is a whole multiple of dt_ms, as far
// as doubles can tell; nothing is rounded in silence.
#pragma once

#include <cstdint>
#include <optional>

namespace synfire {

// Multiples beyond this many ticks cannot be told from their neighbours.
inline constexpr double most_ticks_of_a_time = 1e14;

// The whole number n with n * dt_ms = ms, where the two differ by no more than the rounding of ms,
// dt_ms and their quotient; nothing for other times and for those beyond most_ticks_of_a_time.
std::optional<std::int64_t> whole_ticks(double ms, double dt_ms);

}  // namespace synfire
