// lif: the discrete leaky integrate-and-fire neuron of S-TLLR (Apolinario and Roy, TMLR 2025, eq. 1
// and 2) with the three secondary activations of the authors' code.
//
//   u[t] = decay u[t-1] + I[t],  decay = 1 / (1 + e^-leak)
//   s[t] = u[t] > threshold                                       (strictly)
//   soft reset: u[t] -= threshold s[t];   hard reset: u[t] = 0 where s[t]
//
// Psi is taken on v = u - threshold before the reset:
//   fast_sigmoid_100  1 / (100 |v| + 1)^2
//   triangular_0.3    0.3 max(0, 1 - |v|)
//   sigmoid_4         4 s (1 - s),  s = 1 / (1 + e^-4v)
//
// Backward through time the reset is detached: its spike is taken as a constant.
#include <cmath>
#include <synfire/math.hpp>
#include <synfire/neuron.hpp>

namespace {

namespace sdk = synfire::sdk;

constexpr const char* resets[] = {"soft", "hard"};
constexpr const char* activations[] = {"fast_sigmoid_100", "triangular_0.3", "sigmoid_4"};

class Lif : public sdk::Neuron<float> {
  public:
    static constexpr auto id = "lif";
    static constexpr auto version = "1.0.0";
    static constexpr auto doc = "Discrete leaky integrate-and-fire neuron of S-TLLR, unitless.";
    static constexpr bool has_psi = true;
    static constexpr sdk::Parameter parameters[] = {
        sdk::real("leak", "", 5.0, sdk::between(-20, 20),
                  "the membrane keeps 1/(1+exp(-leak)) of its potential each tick"),
        sdk::real("threshold", "", 0.6, sdk::above(0), "fires above this membrane potential"),
        sdk::choice("reset", resets, 0, "after a spike: subtract the threshold, or set to 0"),
        sdk::choice("psi", activations, 0, "secondary activation (surrogate gradient)"),
    };
    static constexpr sdk::Variable variables[] = {
        variable(0, "u", "", 0.0, "membrane potential after the reset"),
    };

    enum class Psi { fast_sigmoid_100, triangular_03, sigmoid_4 };

    // One tick, for one choice of Psi and reset.
    template <Psi psi_kind, bool hard>
    struct Step {
        float decay, threshold;

        SYNFIRE_INLINE bool advance(float& u, float input, float& psi) const {
            const float before = decay * u + input;
            const float v = before - threshold;
            const bool fired = before > threshold;
            u = fired ? (hard ? 0.0f : v) : before;
            psi = secondary_activation(v);
            return fired;
        }

        SYNFIRE_INLINE static float secondary_activation(float v) {
            const float distance = std::fabs(v);
            if constexpr (psi_kind == Psi::fast_sigmoid_100) {
                const float slope = 100.0f * distance + 1.0f;
                return 1.0f / (slope * slope);
            } else if constexpr (psi_kind == Psi::triangular_03) {
                return 0.3f * (distance < 1.0f ? 1.0f - distance : 0.0f);
            } else {
                const float s = synfire::math::sigmoid(4.0f * v);
                return 4.0f * s * (1.0f - s);
            }
        }
    };

    Lif(const sdk::Values& values, double)
        : decay_(static_cast<float>(1.0 / (1.0 + std::exp(-values["leak"])))),
          threshold_(values.real("threshold")),
          hard_(values.choice<Reset>("reset") == Reset::hard),
          psi_(values.choice<Psi>("psi")),
          powers_(decay_) {}

    template <class Body>
    SYNFIRE_INLINE void with_step(Body&& body) const {
        if (psi_ == Psi::fast_sigmoid_100) return with_psi<Psi::fast_sigmoid_100>(body);
        if (psi_ == Psi::triangular_03) return with_psi<Psi::triangular_03>(body);
        with_psi<Psi::sigmoid_4>(body);
    }
    bool advance(float& u, float input, float& psi) const {
        bool fired = false;
        with_step([&](const auto& step) { fired = step.advance(u, input, psi); });
        return fired;
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
    enum class Reset { soft, hard };

    template <Psi psi_kind, class Body>
    SYNFIRE_INLINE void with_psi(Body&& body) const {
        if (hard_)
            body(Step<psi_kind, true>{decay_, threshold_});
        else
            body(Step<psi_kind, false>{decay_, threshold_});
    }

    float decay_, threshold_;
    bool hard_;
    Psi psi_;
    synfire::math::DecayTable powers_;
};

}  // namespace

SYNFIRE_NEURON_PLUGIN(Lif)
