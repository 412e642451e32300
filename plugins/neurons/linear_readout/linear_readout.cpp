// linear_readout: a unit whose output is its input, the last layer of the S-TLLR authors'
// convolutional networks.
//
//   y[t] = I[t]
#include <array>
#include <synfire/neuron.hpp>

namespace {

namespace sdk = synfire::sdk;

class LinearReadout : public sdk::Neuron<float> {
  public:
    static constexpr auto id = "linear_readout";
    static constexpr auto version = "1.0.0";
    static constexpr auto doc = "Output y is this tick's input; no memory and no spikes.";
    static constexpr std::array<sdk::Parameter, 0> parameters{};
    static constexpr sdk::Variable variables[] = {
        variable(0, "y", "", 0.0, "output"),
    };

    LinearReadout(const sdk::Values&, double) {}

    SYNFIRE_INLINE void advance(float& y, float input, float&) const { y = input; }
    void decay(float& y, std::uint32_t ticks) const {
        if (ticks > 0) y = 0.0f;
    }
    SYNFIRE_INLINE void adjoint(float& y_bar, const sdk::Moment& at, float& input_bar) const {
        input_bar = y_bar + at.signal;
        y_bar = 0.0f;
    }
};

}  // namespace

SYNFIRE_NEURON_PLUGIN(LinearReadout)
