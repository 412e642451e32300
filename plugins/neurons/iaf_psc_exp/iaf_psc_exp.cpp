// iaf_psc_exp: leaky integrate-and-fire neuron with exponentially decaying synaptic currents, apart
// for positive and negative weights; integrated exactly (Rotter and Diesmann 1999), as NEST's model
// of that name.
//
//   V[t] = E_L + P22 (V[t-1] - E_L) + P20 I_e + P21ex I_ex[t-1] + P21in I_in[t-1]
//   I_x[t] = P11x I_x[t-1] + sum of weights (pA)
//   P22 = exp(-dt / tau_m),  P11x = exp(-dt / tau_x),  P20 = tau_m / C_m (1 - P22)
//   P21x = 1 / C_m, integrated over 0 < s < dt with e^-(dt - s) / tau_m e^-s / tau_x
//        = tau_x tau_m / (C_m (tau_m - tau_x)) (P22 - P11x) where the two differ
//
// It fires where V >= V_th, is then set to V_reset and held for t_ref, rounded up to whole ticks.
#include <cmath>
#include <stdexcept>
#include <synfire/neuron.hpp>
#include <synfire/propagators.hpp>

namespace {

namespace sdk = synfire::sdk;

class IafPscExp : public sdk::Neuron<double, double, double, double> {
  public:
    static constexpr auto id = "iaf_psc_exp";
    static constexpr auto version = "1.0.0";
    static constexpr auto doc = "Leaky integrate-and-fire neuron with exponential currents.";
    static constexpr bool input_f64 = true;
    static constexpr bool signed_input = true;
    static constexpr sdk::Parameter parameters[] = {
        sdk::real("C_m", "pF", 250, sdk::above(0), "membrane capacitance"),
        sdk::real("tau_m", "ms", 10, sdk::above(0), "membrane time constant"),
        sdk::real("tau_syn_ex", "ms", 2, sdk::above(0), "decay of excitatory currents"),
        sdk::real("tau_syn_in", "ms", 2, sdk::above(0), "decay of inhibitory currents"),
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
        variable(2, "I_in", "pA", 0, "inhibitory current"),
        variable(3, "refractory", "ticks", 0, "ticks that it is still held for"),
    };

    IafPscExp(const sdk::Values& p, double dt) {
        if (p["V_reset"] >= p["V_th"]) throw std::invalid_argument("V_reset has to be below V_th");
        const double tau_m = p["tau_m"], c_m = p["C_m"];
        step_.keeps = std::exp(-dt / tau_m);
        step_.drive =
            sdk::finite("I_e / C_m", p["I_e"] / c_m * synfire::propagators::constant(tau_m, dt));
        step_.keeps_ex = std::exp(-dt / p["tau_syn_ex"]);
        step_.keeps_in = std::exp(-dt / p["tau_syn_in"]);
        step_.brings_ex = synfire::propagators::exponential(tau_m, p["tau_syn_ex"], dt) / c_m;
        step_.brings_in = synfire::propagators::exponential(tau_m, p["tau_syn_in"], dt) / c_m;
        step_.threshold = p["V_th"] - p["E_L"];
        step_.reset = p["V_reset"] - p["E_L"];
        step_.held = p.ticks_up<double>("t_ref", dt);
    }

    struct Step {
        double keeps, drive, keeps_ex, keeps_in, brings_ex, brings_in, threshold, reset, held;

        SYNFIRE_INLINE bool advance(double& v, double& i_ex, double& i_in, double& refractory,
                                    double excitatory, double inhibitory, float&) const {
            const bool free = refractory == 0;
            const double next = keeps * v + i_ex * brings_ex + i_in * brings_in + drive;
            const double potential = free ? next : v;
            i_ex = i_ex * keeps_ex + excitatory;
            i_in = i_in * keeps_in + inhibitory;
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
    bool advance(double& v, double& i_ex, double& i_in, double& refractory, double excitatory,
                 double inhibitory, float& psi) const {
        return step_.advance(v, i_ex, i_in, refractory, excitatory, inhibitory, psi);
    }

  private:
    Step step_{};
};

}  // namespace

SYNFIRE_NEURON_PLUGIN(IafPscExp)
