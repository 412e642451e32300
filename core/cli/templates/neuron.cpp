// @ID@: a leaky integrate-and-fire neuron. Say here what yours is: its equations, and where they
// are from.
//
//   u[t] = decay u[t-1] + input[t],  decay = e^(-dt / tau)
//   it fires where u > threshold; then u = 0
#include <cmath>
#include <synfire/math.hpp>
#include <synfire/neuron.hpp>

namespace {

namespace sdk = synfire::sdk;

// One type for each state variable of a neuron; the host owns, resets, records and saves them.
class @CLASS@ : public sdk::Neuron<float> {
  public:
    // What a network says: "neuron": "@ID@". Results record the version; raise it when they change.
    static constexpr auto id = "@ID@";
    static constexpr auto version = "0.1.0";
    static constexpr auto doc = "Leaky integrate-and-fire neuron.";

    // Name, unit, default, allowed range, one line: the JSON schema, error messages and
    // `synfire plugins` are made of these.
    static constexpr auto parameters = sdk::list(
        sdk::real("tau", "ms", 20, sdk::above(0), "time constant of the membrane potential"),
        sdk::real("threshold", "", 1, sdk::above(0), "fires above this potential"),
        sdk::psi_parameters(sdk::psi_settings_and_shapes, "triangular_0.3", "", "", 10, 1, 0.3));
    static constexpr sdk::Variable variables[] = {
        variable(0, "u", "", 0, "membrane potential after the reset")};

    // Made once for all neurons with these parameters, and never changed after. Whatever is wrong
    // with a combination of them: throw std::invalid_argument, and the user reads your words.
    @CLASS@(const sdk::Values& values, double dt_ms)
        : decay_(static_cast<float>(std::exp(-dt_ms / values["tau"]))),
          threshold_(values.real("threshold")),
          psi_(sdk::psi_of(values)),
          powers_(decay_) {}

    // One tick of one neuron; true: it fires. All that lasts is in the references, so that a
    // result depends on parameters, state and input alone. The last argument is the potential
    // minus the threshold before the reset, of which Psi (the surrogate gradient) is formed.
    // Return void for a readout, which never fires and whose output is its first variable.
    bool advance(float& u, float input, float& above) const {
        u = decay_ * u + input;
        above = u - threshold_;
        const bool fires = above > 0;
        u = fires ? 0 : u;
        return fires;
    }
    const sdk::Psi& psi() const { return psi_; }

    // Optional: so many ticks without input at once; silent neurons then cost nothing. It has to
    // give what the ticks give one by one.
    void decay(float& u, std::uint32_t ticks) const { u *= powers_[ticks]; }
    // When it may fire without input. after_spike and always ask for silent_ticks as well.
    sdk::Alone fires_alone() const { return sdk::Alone::never; }

    // Optional, for training through time (bptt): one tick backward. u_bar comes as dL/du after
    // the tick and leaves as that before it; the reset's spike is taken as a constant.
    void adjoint(float& u_bar, const sdk::Moment& at, float& input_bar) const {
        input_bar = at.signal * at.psi + u_bar * (1 - at.fired);
        u_bar = decay_ * input_bar;
    }

  private:
    float decay_, threshold_;
    sdk::Psi psi_;
    synfire::math::DecayTable powers_;
};

}  // namespace

SYNFIRE_NEURON_PLUGIN(@CLASS@)
