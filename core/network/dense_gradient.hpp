// Adding what waits (GradientRows) to gradients that have a whole row for every source neuron.
//
// Neurons that fire once tend to fire again soon. Waiting rows are therefore taken in groups where
// that pays (network/row_plan.hpp), and a source neuron gets one sum for all of its spikes in the
// group.
#pragma once

#include <cstdint>
#include <span>

#include "base/matrix.hpp"
#include "network/gradient_rows.hpp"

namespace synfire {

// A gradient whose row j is that of source neuron `first` + j of the waiting rows.
struct DenseGradient {
    Matrix& gradient;
    std::uint32_t first;
};

// The gradients are as wide as the waiting rows and have a row for each source neuron together.
// anew: they count from 0, whatever they hold. Returns the number of rows that spikes and outer
// products brought, each counted by itself.
std::uint64_t add_rows(std::span<const DenseGradient> gradients, const GradientRows& rows,
                       bool anew = false);

}  // namespace synfire
