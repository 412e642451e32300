// The true flow of MVSEC between any two moments, from the flows between moments at which it was
// measured: a displacement is followed from one to the next, each at the nearest pixel (Zhu et al.
// 2018, "EV-FlowNet", and Spike-FlowNet's estimate_corresponding_gt_flow).
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace synfire::mvsec {

inline constexpr std::uint32_t rows = 260, columns = 346;

// times: of the measured flows, ascending, in seconds. flow_at(g): by pixel, row by row, the
// displacement along columns, then, from element rows * columns on, along rows, from times[g] to
// times[g + 1]; 0 or not finite where it is not known. Returns, laid out alike, the displacement
// from `from` to `to`; not a number where it is not known. Empty where the times do not reach from
// before the one to behind the other.
std::vector<float> true_flow(std::span<const double> times,
                             const std::function<const std::vector<float>&(std::size_t)>& flow_at,
                             double from, double to);

}  // namespace synfire::mvsec
