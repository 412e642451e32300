// iaf_psc_alpha: leaky integrate-and-fire neuron with alpha-shaped synaptic currents, apart for
// positive and negative weights; integrated exactly (Rotter and Diesmann 1999), as NEST's model of
// that name. A spike of weight w (pA) adds e w / tau_x to the slope D, so its current peaks at w.
// Threshold, refractoriness and Psi: synfire/membrane.hpp.
//
//   V[t] = E_L + P33 (V[t-1] - E_L) + P30 I_e + sum over x of P31x D_x[t-1] + P32x I_x[t-1]
//   I_x[t] = P11x (dt D_x[t-1] + I_x[t-1]),  D_x[t] = P11x D_x[t-1] + e / tau_x sum of weights
//   P33 = exp(-dt / tau_m),  P30 = tau_m / C_m (1 - P33),  P11x = exp(-dt / tau_x)
//   P32x = 1 / C_m, P31x = s / C_m, integrated over 0 < s < dt with e^-(dt - s) / tau_m e^-s /
//   tau_x
#include <numbers>
#include <synfire/membrane.hpp>

namespace {

namespace sdk = synfire::sdk;

class IafPscAlpha : public sdk::Neuron<double, double, double, double, double, double> {
  public:
    static constexpr auto id = "iaf_psc_alpha";
    static constexpr auto version = "1.1.0";
    static constexpr auto doc = "Leaky integrate-and-fire neuron with alpha-shaped currents.";
    static constexpr bool input_f64 = true;
    static constexpr bool signed_input = true;
    static constexpr auto parameters = sdk::list(
        sdk::membrane::parameters,
        sdk::membrane::synapses("rise of excitatory currents", "rise of inhibitory currents"),
        sdk::membrane::psi);
    static constexpr sdk::Variable variables[] = {
        variable(0, "V_m", "mV", 0, "membrane potential, relative to E_L"),
        variable(1, "I_ex", "pA", 0, "excitatory current"),
        variable(2, "D_ex", "pA/ms", 0, "slope of the excitatory current"),
        variable(3, "I_in", "pA", 0, "inhibitory current"),
        variable(4, "D_in", "pA/ms", 0, "slope of the inhibitory current"),
        variable(5, "refractory", "ticks", 0, "ticks that it is still held for"),
    };

    struct Synapse {
        double keeps, from_slope, from_current, starts, dt;

        SYNFIRE_INLINE void advance(double& i, double& d, double input) const {
            i = keeps * (dt * d + i);
            d = keeps * d + starts * input;
        }
        SYNFIRE_INLINE void back(float& i_bar, float& d_bar, float next_bar,
                                 float& input_bar) const {
            const auto kept = static_cast<float>(keeps);
            input_bar = static_cast<float>(starts) * d_bar;
            d_bar = kept * d_bar + static_cast<float>(keeps * dt) * i_bar +
                    static_cast<float>(from_slope) * next_bar;
            i_bar = kept * i_bar + static_cast<float>(from_current) * next_bar;
        }
    };
    struct Step : sdk::LeakyMembrane<double> {
        Synapse ex, in;

        SYNFIRE_INLINE bool advance(double& v, double& i_ex, double& d_ex, double& i_in,
                                    double& d_in, double& refractory, double excitatory,
                                    double inhibitory, float& above) const {
            const double next = drive + ex.from_slope * d_ex + ex.from_current * i_ex +
                                in.from_slope * d_in + in.from_current * i_in + keeps * v;
            ex.advance(i_ex, d_ex, excitatory);
            in.advance(i_in, d_in, inhibitory);
            return fire(next, v, refractory, above);
        }
    };

    IafPscAlpha(const sdk::Values& p, double dt)
        : step_{{p, dt}, synapse(p, "tau_syn_ex", dt), synapse(p, "tau_syn_in", dt)},
          psi_(sdk::psi_of(p)) {}

    const Step& step() const { return step_; }
    const sdk::Psi& psi() const { return psi_; }

    SYNFIRE_INLINE void adjoint(float& v_bar, float& i_ex_bar, float& d_ex_bar, float& i_in_bar,
                                float& d_in_bar, float& refractory_bar, const double&,
                                const double&, const double&, const double&, const double&,
                                const double& refractory, const sdk::Moment& at,
                                float& excitatory_bar, float& inhibitory_bar) const {
        const float next_bar = step_.fire_back(v_bar, refractory_bar, refractory, at);
        step_.ex.back(i_ex_bar, d_ex_bar, next_bar, excitatory_bar);
        step_.in.back(i_in_bar, d_in_bar, next_bar, inhibitory_bar);
    }

  private:
    static Synapse synapse(const sdk::Values& p, const char* tau, double dt) {
        const double tau_m = p["tau_m"], tau_s = p[tau], c_m = p["C_m"];
        return {std::exp(-dt / tau_s), synfire::propagators::ramp(tau_m, tau_s, dt) / c_m,
                synfire::propagators::exponential(tau_m, tau_s, dt) / c_m, std::numbers::e / tau_s,
                dt};
    }

    Step step_;
    sdk::Psi psi_;
};

}  // namespace

SYNFIRE_NEURON_PLUGIN(IafPscAlpha)
