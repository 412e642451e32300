// iaf_psc_alpha: leaky integrate-and-fire neuron with alpha-shaped synaptic currents, apart for
// positive and negative weights; integrated exactly (Rotter and Diesmann 1999), as NEST's model of
// that name. A spike of weight w (pA) adds e w / tau_x to the slope D, so its current peaks at w.
//
//   V[t] = E_L + P33 (V[t-1] - E_L) + P30 I_e + sum over x of P31x D_x[t-1] + P32x I_x[t-1]
//   I_x[t] = P11x (dt D_x[t-1] + I_x[t-1]),  D_x[t] = P11x D_x[t-1] + e / tau_x sum of weights
//   P33 = exp(-dt / tau_m),  P30 = tau_m / C_m (1 - P33),  P11x = exp(-dt / tau_x)
//   P32x = 1 / C_m, P31x = s / C_m, integrated over 0 < s < dt with e^-(dt - s) / tau_m e^-s /
//   tau_x
//
// It fires where V >= V_th, is then set to V_reset and held for t_ref, rounded up to whole ticks.
#include <cmath>
#include <numbers>
#include <stdexcept>
#include <synfire/neuron.hpp>
#include <synfire/propagators.hpp>

namespace {

namespace sdk = synfire::sdk;

class IafPscAlpha : public sdk::Neuron<double, double, double, double, double, double> {
  public:
    static constexpr auto id = "iaf_psc_alpha";
    static constexpr auto version = "1.0.0";
    static constexpr auto doc = "Leaky integrate-and-fire neuron with alpha-shaped currents.";
    static constexpr bool input_f64 = true;
    static constexpr bool signed_input = true;
    static constexpr sdk::Parameter parameters[] = {
        sdk::real("C_m", "pF", 250, sdk::above(0), "membrane capacitance"),
        sdk::real("tau_m", "ms", 10, sdk::above(0), "membrane time constant"),
        sdk::real("tau_syn_ex", "ms", 2, sdk::above(0), "rise of excitatory currents"),
        sdk::real("tau_syn_in", "ms", 2, sdk::above(0), "rise of inhibitory currents"),
        sdk::real("t_ref", "ms", 2, sdk::at_least(0),
                  "refractory period, in whole ticks rounded up"),
        sdk::real("E_L", "mV", -70, sdk::any(), "resting potential"),
        sdk::real("V_reset", "mV", -70, sdk::any(), "potential after a spike"),
        sdk::real("V_th", "mV", -55, sdk::any(), "fires at this potential"),
        sdk::real("I_e", "pA", 0, sdk::any(), "constant current"),
    };
    static constexpr sdk::Variable variables[] = {
        variable(0, "V_m", "mV", 0, "membrane potential, relative to E_L"),
        variable(1, "I_ex", "pA", 0, "excitatory current"),
        variable(2, "D_ex", "pA/ms", 0, "slope of the excitatory current"),
        variable(3, "I_in", "pA", 0, "inhibitory current"),
        variable(4, "D_in", "pA/ms", 0, "slope of the inhibitory current"),
        variable(5, "refractory", "ticks", 0, "ticks that it is still held for"),
    };

    IafPscAlpha(const sdk::Values& p, double dt) {
        if (p["V_reset"] >= p["V_th"]) throw std::invalid_argument("V_reset has to be below V_th");
        step_.keeps = std::exp(-dt / p["tau_m"]);
        step_.drive = sdk::finite(
            "I_e / C_m", p["I_e"] / p["C_m"] * synfire::propagators::constant(p["tau_m"], dt));
        step_.ex = synapse(p["tau_syn_ex"], p["tau_m"], p["C_m"], dt);
        step_.in = synapse(p["tau_syn_in"], p["tau_m"], p["C_m"], dt);
        step_.threshold = p["V_th"] - p["E_L"];
        step_.reset = p["V_reset"] - p["E_L"];
        step_.held = p.ticks_up<double>("t_ref", dt);
        step_.dt = dt;
    }

    struct Synapse {
        double keeps, from_slope, from_current, starts;
    };
    struct Step {
        double keeps, drive, threshold, reset, held, dt;
        Synapse ex, in;

        SYNFIRE_INLINE bool advance(double& v, double& i_ex, double& d_ex, double& i_in,
                                    double& d_in, double& refractory, double excitatory,
                                    double inhibitory, float&) const {
            const bool free = refractory == 0;
            const double next = drive + ex.from_slope * d_ex + ex.from_current * i_ex +
                                in.from_slope * d_in + in.from_current * i_in + keeps * v;
            const double potential = free ? next : v;
            i_ex = ex.keeps * (dt * d_ex + i_ex);
            d_ex = ex.keeps * d_ex + ex.starts * excitatory;
            i_in = in.keeps * (dt * d_in + i_in);
            d_in = in.keeps * d_in + in.starts * inhibitory;
            const bool fired = potential >= threshold;
            v = fired ? reset : potential;
            refractory = fired ? held : (free ? 0 : refractory - 1);
            return fired;
        }
    };
    template <class Body>
    SYNFIRE_INLINE void with_step(Body&& body) const {
        body(step_);
    }
    bool advance(double& v, double& i_ex, double& d_ex, double& i_in, double& d_in,
                 double& refractory, double excitatory, double inhibitory, float& psi) const {
        return step_.advance(v, i_ex, d_ex, i_in, d_in, refractory, excitatory, inhibitory, psi);
    }

  private:
    static Synapse synapse(double tau_s, double tau_m, double c_m, double dt) {
        return {std::exp(-dt / tau_s), synfire::propagators::ramp(tau_m, tau_s, dt) / c_m,
                synfire::propagators::exponential(tau_m, tau_s, dt) / c_m, std::numbers::e / tau_s};
    }

    Step step_{};
};

}  // namespace

SYNFIRE_NEURON_PLUGIN(IafPscAlpha)
