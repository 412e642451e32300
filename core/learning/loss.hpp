// Softmax cross-entropy on one tick's output.
#pragma once

#include <cstdint>
#include <span>

namespace synfire {

// probabilities = softmax(logits); returns -log of the label's probability.
float softmax_cross_entropy(std::span<const float> logits, std::uint32_t label,
                            std::span<float> probabilities);

// The index of the largest value, the first of equals.
std::uint32_t argmax(std::span<const float> values);

}  // namespace synfire
