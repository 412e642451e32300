// Gradients of everything that learns, as arrays.
#pragma once

#include <vector>

#include "network/network.hpp"

namespace synfire {

// Gradients of one projection with respect to the weights it uses and its bias, summed over samples
// and ticks. Empty where the projection does not learn.
struct ProjectionGradient {
    Matrix weights, bias;
};

// By projection; behind these, one a population with variables that survive from sample to sample,
// whose `weights` are the changes of these.
using GradientArrays = std::vector<ProjectionGradient>;

// All 0.
GradientArrays make_gradients(const Network& network);
std::size_t bytes(const GradientArrays& gradients);
// Exchanges what is in the matrices; these stay where they are.
void exchange(GradientArrays& a, GradientArrays& b);
// a += b
void add(GradientArrays& a, const GradientArrays& b);

}  // namespace synfire
