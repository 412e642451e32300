// lif: the discrete leaky integrate-and-fire neuron of S-TLLR (Apolinario and Roy, TMLR 2025, eq. 1
// and 2).
//
//   u[t] = decay u[t-1] + I[t],  decay = 1 / (1 + e^-leak)
//   s[t] = u[t] > threshold                                       (strictly)
//   soft reset: u[t] -= threshold s[t];   hard reset: u[t] = 0 where s[t]
//
// Psi is taken on v = u - threshold before the reset:
//   fast_sigmoid  1 / (psi_slope |v| + 1)^2
//   triangular    psi_height max(0, 1 - |v| / psi_width)
//   sigmoid       psi_slope s (1 - s),  s = 1 / (1 + e^-(psi_slope v))
//   boxcar        psi_height where |v| < psi_width
// fast_sigmoid_100, triangular_0.3 (width 1) and sigmoid_4 are the authors' settings.
//
// Backward through time the reset is detached: its spike is taken as a constant.
#include <cmath>
#include <synfire/math.hpp>
#include <synfire/neuron.hpp>
#include <synfire/psi.hpp>

namespace {

namespace sdk = synfire::sdk;

constexpr const char* resets[] = {"soft", "hard"};

class Lif : public sdk::Neuron<float> {
  public:
    static constexpr auto id = "lif";
    static constexpr auto version = "1.1.0";
    static constexpr auto doc = "Discrete leaky integrate-and-fire neuron of S-TLLR, unitless.";
    static constexpr auto parameters = sdk::list(
        sdk::real("leak", "", 5.0, sdk::between(-20, 20),
                  "the membrane keeps 1/(1+exp(-leak)) of its potential each tick"),
        sdk::real("threshold", "", 0.6, sdk::above(0), "fires above this membrane potential"),
        sdk::choice("reset", resets, 0, "after a spike: subtract the threshold, or set to 0"),
        sdk::psi_parameters(sdk::psi_settings_and_shapes, "fast_sigmoid_100", "", "", 10, 1, 0.3));
    static constexpr sdk::Variable variables[] = {
        variable(0, "u", "", 0.0, "membrane potential after the reset"),
    };

    template <bool hard>
    struct Step {
        float decay, threshold;

        SYNFIRE_INLINE bool advance(float& u, float input, float& above) const {
            const float before = decay * u + input;
            above = before - threshold;
            const bool fired = before > threshold;
            u = fired ? (hard ? 0.0f : above) : before;
            return fired;
        }
    };

    Lif(const sdk::Values& values, double)
        : decay_(static_cast<float>(1.0 / (1.0 + std::exp(-values["leak"])))),
          threshold_(values.real("threshold")),
          hard_(values.chosen("reset") == "hard"),
          psi_(sdk::psi_of(values)),
          powers_(decay_) {}

    const sdk::Psi& psi() const { return psi_; }
    template <class Body>
    auto with_step(Body&& body) const {
        return hard_ ? body(Step<true>{decay_, threshold_}) : body(Step<false>{decay_, threshold_});
    }
    void decay(float& u, std::uint32_t ticks) const { u *= powers_[ticks]; }
    // What a soft reset leaves may be above threshold still.
    sdk::Alone fires_alone() const { return hard_ ? sdk::Alone::never : sdk::Alone::after_spike; }
    std::uint32_t silent_ticks(const float& u) const {
        return decay_ * u > threshold_ ? 0 : UINT32_MAX;
    }
    SYNFIRE_INLINE void adjoint(float& u_bar, const sdk::Moment& at, float& input_bar) const {
        const float through_reset = hard_ ? u_bar * (1.0f - at.fired) : u_bar;
        input_bar = at.psi * at.signal + through_reset;
        u_bar = decay_ * input_bar;
    }

  private:
    float decay_, threshold_;
    bool hard_;
    sdk::Psi psi_;
    synfire::math::DecayTable powers_;
};

}  // namespace

SYNFIRE_NEURON_PLUGIN(Lif)
