// leaky_readout: a unit that integrates and never fires, the last layer of the S-TLLR networks.
//
//   y[t] = decay y[t-1] + I[t],  decay = 1 / (1 + e^-leak)
#include <cmath>
#include <synfire/math.hpp>
#include <synfire/neuron.hpp>

namespace {

namespace sdk = synfire::sdk;

class LeakyReadout : public sdk::Neuron<float> {
  public:
    static constexpr auto id = "leaky_readout";
    static constexpr auto version = "1.0.0";
    static constexpr auto doc = "Leaky integrator without spikes; its output y is a network's.";
    static constexpr sdk::Parameter parameters[] = {
        sdk::real("leak", "", 5.0, sdk::between(-20, 20),
                  "the output keeps 1/(1+exp(-leak)) of itself each tick"),
    };
    static constexpr sdk::Variable variables[] = {
        variable(0, "y", "", 0.0, "output"),
    };

    LeakyReadout(const sdk::Values& values, double)
        : decay_(static_cast<float>(1.0 / (1.0 + std::exp(-values["leak"])))), powers_(decay_) {}

    SYNFIRE_INLINE void advance(float& y, float input, float&) const { y = decay_ * y + input; }
    void decay(float& y, std::uint32_t ticks) const { y *= powers_[ticks]; }
    SYNFIRE_INLINE void adjoint(float& y_bar, const sdk::Moment& at, float& input_bar) const {
        input_bar = y_bar + at.signal;
        y_bar = decay_ * input_bar;
    }

  private:
    float decay_;
    synfire::math::DecayTable powers_;
};

}  // namespace

SYNFIRE_NEURON_PLUGIN(LeakyReadout)
