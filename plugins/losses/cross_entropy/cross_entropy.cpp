// cross_entropy, cross_entropy_of_sum: softmax cross-entropy of a readout's output at each tick, or
// of its sum over the window, with the class that is right.
//
//   p_k = e^y_k / sum over j of e^y_j
//   loss = -log p_label        error_k = p_k - (k == label)
#include <algorithm>
#include <array>
#include <cmath>
#include <synfire/loss.hpp>
#include <synfire/math.hpp>
#include <synfire/simd.hpp>

namespace {

namespace sdk = synfire::sdk;

// error = softmax(output) - onehot(label)
float softmax_cross_entropy(const float* output, std::uint32_t count, std::uint32_t label,
                            float* error) {
    const float highest = *std::max_element(output, output + count);
    const float* __restrict in = output;
    float* __restrict out = error;
    synfire::simd::run([=]() SYNFIRE_INLINE_LAMBDA {
        for (std::size_t k = 0; k < count; ++k) out[k] = synfire::math::exp(in[k] - highest);
    });
    float sum = 0;
    for (std::uint32_t k = 0; k < count; ++k) sum += error[k];
    for (std::uint32_t k = 0; k < count; ++k) error[k] /= sum;
    error[label] -= 1.0f;
    return std::log(sum) - (output[label] - highest);
}

class CrossEntropy {
  public:
    static constexpr auto id = "cross_entropy";
    static constexpr auto version = "1.0.0";
    static constexpr auto doc = "Softmax cross-entropy of the output at each tick of the window.";
    static constexpr std::array<sdk::Parameter, 0> parameters{};
    static constexpr bool of_values = true, takes_class = true;

    CrossEntropy(const sdk::Values&, const synfire_loss_site&) {}

    sdk::LossScope scope() const { return sdk::LossScope::each_tick; }
    double loss(const sdk::LossWindow& at) const {
        return softmax_cross_entropy(at.output(0), at.outputs(), at.label(), at.error(0));
    }
};

class CrossEntropyOfSum : public CrossEntropy {
  public:
    static constexpr auto id = "cross_entropy_of_sum";
    static constexpr auto doc =
        "Softmax cross-entropy of the output summed over the window: of spikes, of their counts.";
    static constexpr bool of_spikes = true;

    using CrossEntropy::CrossEntropy;

    sdk::LossScope scope() const { return sdk::LossScope::of_sum; }
};

}  // namespace

SYNFIRE_PLUGIN(synfire::sdk::Losses<CrossEntropy, CrossEntropyOfSum>)
