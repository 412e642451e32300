// Adding pending rows (GradientRows) to gradients that have a whole row for every source neuron.
//
// Neurons that fire once tend to fire again soon. Where it is cheaper, pending rows are therefore
// summed in groups (kernels/row_plan.hpp), one sum for all spikes of a source neuron in a group.
#pragma once

#include <cstdint>
#include <span>

#include "base/matrix.hpp"
#include "kernels/gradient_rows.hpp"

namespace synfire {

// A gradient whose row j is that of source neuron `first` + j of the pending rows.
struct DenseGradient {
    Matrix& gradient;
    std::uint32_t first;
};

// The gradients are as wide as the pending rows and have a row for each source neuron together.
// anew: they are overwritten. Returns the number of rows added, each spike and outer product
// counted by itself.
std::uint64_t add_rows(std::span<const DenseGradient> gradients, const GradientRows& rows,
                       bool anew = false);

}  // namespace synfire
