// alif: leaky integrate-and-fire neuron whose threshold rises with its own spikes (Bellec et al.,
// Nature Communications 11:3625, 2020), otherwise as lif.
//
//   u[t] = decay u[t-1] + I[t],  decay = 1 / (1 + e^-leak)
//   A[t] = threshold + beta a[t]
//   s[t] = u[t] > A[t]                                            (strictly)
//   a[t+1] = rho a[t] + s[t]
//   soft reset: u[t] -= threshold s[t];   hard reset: u[t] = 0 where s[t]
//
// Psi is taken on v = u - A before the reset; shapes and constants are those of lif, triangular
// unless another is chosen: psi_height max(0, 1 - |v| / psi_width).
//
// Backward through time the reset is detached; what a spike adds to a is not.
#include <algorithm>
#include <cmath>
#include <synfire/math.hpp>
#include <synfire/neuron.hpp>

namespace {

namespace sdk = synfire::sdk;

constexpr const char* resets[] = {"soft", "hard"};

class Alif : public sdk::Neuron<float, float> {
  public:
    static constexpr auto id = "alif";
    static constexpr auto version = "1.0.0";
    static constexpr auto doc =
        "Discrete leaky integrate-and-fire neuron with an adaptive threshold, unitless.";
    static constexpr auto parameters = sdk::list(
        sdk::real("leak", "", 5.0, sdk::between(-20, 20),
                  "the membrane keeps 1/(1+exp(-leak)) of its potential each tick"),
        sdk::real("threshold", "", 0.6, sdk::above(0), "fires above this where it has not fired"),
        sdk::real("beta", "", 0.1, sdk::at_least(0), "what a spike adds to the threshold"),
        sdk::real("rho", "", 0.995, sdk::between(0, 1), "the rise keeps this of itself each tick"),
        sdk::choice("reset", resets, 0, "after a spike: subtract the threshold, or set to 0"),
        sdk::psi_parameters(sdk::psi_settings_and_shapes, "triangular", "", "", 10, 1, 0.3));
    static constexpr sdk::Variable variables[] = {
        variable(0, "u", "", 0, "membrane potential after the reset"),
        variable(1, "a", "", 0, "spikes that the threshold remembers"),
    };

    template <bool hard>
    struct Step {
        float decay, threshold, beta, rho;

        SYNFIRE_INLINE bool advance(float& u, float& a, float input, float& above) const {
            const float before = decay * u + input, limit = threshold + beta * a;
            const bool fired = before > limit;
            above = before - limit;
            u = fired ? (hard ? 0.0f : before - threshold) : before;
            a = rho * a + (fired ? 1.0f : 0.0f);
            return fired;
        }
    };

    Alif(const sdk::Values& values, double)
        : decay_(static_cast<float>(1 / (1 + std::exp(-values["leak"])))),
          threshold_(values.real("threshold")),
          beta_(values.real("beta")),
          rho_(values.real("rho")),
          hard_(values.chosen("reset") == "hard"),
          psi_(sdk::psi_of(values)),
          powers_u_(decay_),
          powers_a_(rho_) {}

    const sdk::Psi& psi() const { return psi_; }
    template <class Body>
    auto with_step(Body&& body) const {
        return hard_ ? body(Step<true>{decay_, threshold_, beta_, rho_})
                     : body(Step<false>{decay_, threshold_, beta_, rho_});
    }
    void decay(float& u, float& a, std::uint32_t ticks) const {
        u *= powers_u_[ticks];
        a *= powers_a_[ticks];
    }
    // A soft reset may leave u above threshold; and a threshold that falls faster than u may reach
    // it at any time.
    sdk::Alone fires_alone() const {
        if (beta_ > 0 && rho_ < decay_) return sdk::Alone::always;
        return hard_ ? sdk::Alone::never : sdk::Alone::after_spike;
    }
    // u never rises, so it fires only once the rise of the threshold is below what u exceeds it by
    // in the next tick. The margins are for rounding, of a sum and of so many products.
    std::uint32_t silent_ticks(const float& u, const float& a) const {
        const float next = decay_ * u, rise = beta_ * a;
        if (next > threshold_ + rise) return 0;
        if (next <= threshold_ || rho_ >= decay_) return UINT32_MAX;
        const double below = double{next} - double{threshold_} + 1e-6 * double{next};
        const double rate = 2e-7 - std::log(double{rho_});
        return static_cast<std::uint32_t>(std::clamp(std::log(rise / below) / rate - 2, 0.0, 2e9));
    }
    SYNFIRE_INLINE void adjoint(float& u_bar, float& a_bar, const sdk::Moment& at,
                                float& input_bar) const {
        const float v_bar = at.psi * (at.signal + a_bar);
        input_bar = v_bar + (hard_ ? u_bar * (1.0f - at.fired) : u_bar);
        u_bar = decay_ * input_bar;
        a_bar = rho_ * a_bar - beta_ * v_bar;
    }

  private:
    float decay_, threshold_, beta_, rho_;
    bool hard_;
    sdk::Psi psi_;
    synfire::math::DecayTable powers_u_, powers_a_;
};

}  // namespace

SYNFIRE_NEURON_PLUGIN(Alif)
