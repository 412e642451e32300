#include "learning/loss.hpp"

#include <algorithm>
#include <cmath>

#include "synfire/math.hpp"
#include "synfire/simd.hpp"

namespace synfire {

float softmax_cross_entropy(std::span<const float> logits, std::uint32_t label,
                            std::span<float> probabilities) {
    const float highest = *std::ranges::max_element(logits);
    float sum = 0;
    const float* __restrict in = logits.data();
    float* __restrict out = probabilities.data();
    simd::run([=, count = logits.size()]() SYNFIRE_INLINE_LAMBDA {
        for (std::size_t k = 0; k < count; ++k) out[k] = math::exp(in[k] - highest);
    });
    for (const float p : probabilities) sum += p;
    for (float& p : probabilities) p /= sum;
    return std::log(sum) - (logits[label] - highest);
}

std::uint32_t argmax(std::span<const float> values) {
    return static_cast<std::uint32_t>(std::ranges::max_element(values) - values.begin());
}

}  // namespace synfire
