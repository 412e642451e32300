#include "learning/loss.hpp"

#include <algorithm>
#include <cmath>

#include "synfire/math.hpp"

namespace synfire {

float softmax_cross_entropy(std::span<const float> logits, std::uint32_t label,
                            std::span<float> probabilities) {
    const float highest = *std::ranges::max_element(logits);
    float sum = 0;
    for (std::size_t k = 0; k < logits.size(); ++k) {
        probabilities[k] = math::exp(logits[k] - highest);
        sum += probabilities[k];
    }
    for (float& p : probabilities) p /= sum;
    return std::log(sum) - (logits[label] - highest);
}

std::uint32_t argmax(std::span<const float> values) {
    return static_cast<std::uint32_t>(std::ranges::max_element(values) - values.begin());
}

}  // namespace synfire
