#include "flow/true_flow.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace synfire::mvsec {

std::vector<float> true_flow(std::span<const double> times,
                             const std::function<const std::vector<float>&(std::size_t)>& flow_at,
                             double from, double to) {
    constexpr std::size_t pixels = std::size_t{rows} * columns;
    const auto after = std::ranges::upper_bound(times, from) - times.begin();
    if (after == 0 || times.empty() || times.back() < to) return {};
    auto g = static_cast<std::size_t>(after - 1);
    if (g + 1 >= times.size()) return {};
    // Where each pixel of the beginning has come to lie; no number once that is not known.
    std::vector<float> x(pixels), y(pixels);
    for (std::size_t p = 0; p < pixels; ++p) {
        x[p] = static_cast<float>(p % columns);
        y[p] = static_cast<float>(p / columns);
    }
    for (double now = from; now < to && g + 1 < times.size(); ++g) {
        const double until = std::min(to, times[g + 1]);
        const auto part = static_cast<float>((until - now) / (times[g + 1] - times[g]));
        const std::vector<float>& flow = flow_at(g);
        for (std::size_t p = 0; p < pixels; ++p) {
            const float column = std::round(x[p]), row = std::round(y[p]);
            const bool inside = column >= 0 && row >= 0 && column < columns && row < rows;
            const std::size_t here =
                inside ? static_cast<std::size_t>(row) * columns + static_cast<std::size_t>(column)
                       : 0;
            const float u = flow[here], v = flow[pixels + here];
            const bool known = inside && std::isfinite(u) && std::isfinite(v) && (u != 0 || v != 0);
            x[p] = known ? x[p] + part * u : std::numeric_limits<float>::quiet_NaN();
            y[p] = known ? y[p] + part * v : std::numeric_limits<float>::quiet_NaN();
        }
        now = until;
    }
    std::vector<float> displacement(2 * pixels);
    for (std::size_t p = 0; p < pixels; ++p) {
        displacement[p] = x[p] - static_cast<float>(p % columns);
        displacement[pixels + p] = y[p] - static_cast<float>(p / columns);
    }
    return displacement;
}

}  // namespace synfire::mvsec
