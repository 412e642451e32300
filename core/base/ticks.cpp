#include "base/ticks.hpp"

#include <cmath>
#include <limits>

namespace synfire {

std::optional<std::int64_t> whole_ticks(double ms, double dt_ms) {
    const double ticks = ms / dt_ms, nearest = std::round(ticks);
    if (!(std::fabs(ticks) <= most_ticks_of_a_time)) return std::nullopt;
    // Half a unit in the last place each: of the time, of its change to ms, of dt and the quotient.
    const double rounding = 2 * std::numeric_limits<double>::epsilon() * std::fabs(ticks);
    if (std::fabs(ticks - nearest) > rounding) return std::nullopt;
    return static_cast<std::int64_t>(nearest);
}

}  // namespace synfire
