// Weight standardisation (Qiao et al. 2019; scaled as in S-TLLR's reference code): the weights that
// a network uses are those that it learns, made of zero mean and unit variance times fan-in over
// each column (unit), times a learned gain:
//   used_j = (w_j - mean) / sqrt(var * fan_in + 1e-4) * gain,  var unbiased (divides by n - 1)
#pragma once

#include "base/matrix.hpp"

namespace synfire {

// used = standardised weights. gain: one row. Columns begin..end-1 only, so that blocks of columns
// can be given to different threads; multiples of 16.
void standardise(const Matrix& weights, const Matrix& gain, Matrix& used, std::uint32_t begin,
                 std::uint32_t end);

// The chain rule through it: from the gradient with respect to `used` (in `gradient`, replaced) to
// those with respect to the weights and the gain.
void standardise_backward(const Matrix& weights, const Matrix& gain, Matrix& gradient,
                          Matrix& gain_gradient, std::uint32_t begin, std::uint32_t end);

}  // namespace synfire
