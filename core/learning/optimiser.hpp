// Gradient descent on one array: SGD with momentum, and Adam (Kingma and Ba 2015, algorithm 1), as
// PyTorch computes them; and how the rate changes over training.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>

#include "base/matrix.hpp"

namespace synfire {

struct Form;

struct OptimiserDescription {
    enum class Kind { sgd, adam };
    Kind kind = Kind::adam;
    float rate = 1e-3f;
    float momentum = 0;  // SGD
    float beta1 = 0.9f, beta2 = 0.999f, epsilon = 1e-8f;
    float weight_decay = 0;  // added to the gradient, times the weight
    enum class Schedule { constant, cosine };
    Schedule schedule = Schedule::constant;

    // The rate of step number `step` of `steps` in all.
    float rate_at(std::uint64_t step, std::uint64_t steps) const;
};

Form optimiser_form();
OptimiserDescription read_optimiser(const nlohmann::json& completed);

// What the optimiser remembers of one array: the running means of gradient and squared gradient, or
// the momentum in `first`.
struct Moments {
    Matrix first, second;
};

// One descent of elements begin..end-1 of the storage. step counts from 1.
void descend(const OptimiserDescription& optimiser, float rate, std::uint64_t step, Matrix& value,
             const Matrix& gradient, Moments& moments, std::size_t begin, std::size_t end);

}  // namespace synfire
