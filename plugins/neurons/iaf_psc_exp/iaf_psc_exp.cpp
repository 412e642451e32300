// iaf_psc_exp: leaky integrate-and-fire neuron with exponentially decaying synaptic currents, apart
// for positive and negative weights; integrated exactly (Rotter and Diesmann 1999), as NEST's model
// of that name. Threshold, refractoriness and Psi: synfire/membrane.hpp.
//
//   V[t] = E_L + P22 (V[t-1] - E_L) + P20 I_e + P21ex I_ex[t-1] + P21in I_in[t-1]
//   I_x[t] = P11x I_x[t-1] + sum of weights (pA)
//   P22 = exp(-dt / tau_m),  P11x = exp(-dt / tau_x),  P20 = tau_m / C_m (1 - P22)
//   P21x = 1 / C_m, integrated over 0 < s < dt with e^-(dt - s) / tau_m e^-s / tau_x
//        = tau_x tau_m / (C_m (tau_m - tau_x)) (P22 - P11x) where the two differ
#include <synfire/membrane.hpp>

namespace {

namespace sdk = synfire::sdk;

class IafPscExp : public sdk::Neuron<double, double, double, double> {
  public:
    static constexpr auto id = "iaf_psc_exp";
    static constexpr auto version = "1.1.0";
    static constexpr auto doc = "Leaky integrate-and-fire neuron with exponential currents.";
    static constexpr bool input_f64 = true;
    static constexpr bool signed_input = true;
    static constexpr auto parameters = sdk::list(
        sdk::membrane::parameters,
        sdk::membrane::synapses("decay of excitatory currents", "decay of inhibitory currents"),
        sdk::membrane::psi);
    static constexpr sdk::Variable variables[] = {
        variable(0, "V_m", "mV", 0, "membrane potential, relative to E_L"),
        variable(1, "I_ex", "pA", 0, "excitatory current"),
        variable(2, "I_in", "pA", 0, "inhibitory current"),
        variable(3, "refractory", "ticks", 0, "ticks that it is still held for"),
    };

    struct Synapse {
        double keeps, brings;
    };
    struct Step : sdk::LeakyMembrane<double> {
        Synapse ex, in;

        SYNFIRE_INLINE bool advance(double& v, double& i_ex, double& i_in, double& refractory,
                                    double excitatory, double inhibitory, float& above) const {
            const double next = keeps * v + i_ex * ex.brings + i_in * in.brings + drive;
            i_ex = i_ex * ex.keeps + excitatory;
            i_in = i_in * in.keeps + inhibitory;
            return fire(next, v, refractory, above);
        }
    };

    IafPscExp(const sdk::Values& p, double dt)
        : step_{{p, dt}, synapse(p, "tau_syn_ex", dt), synapse(p, "tau_syn_in", dt)},
          psi_(sdk::psi_of(p)) {}

    const Step& step() const { return step_; }
    const sdk::Psi& psi() const { return psi_; }

    SYNFIRE_INLINE void adjoint(float& v_bar, float& i_ex_bar, float& i_in_bar,
                                float& refractory_bar, const double&, const double&, const double&,
                                const double& refractory, const sdk::Moment& at,
                                float& excitatory_bar, float& inhibitory_bar) const {
        const float next_bar = step_.fire_back(v_bar, refractory_bar, refractory, at);
        back(step_.ex, next_bar, i_ex_bar, excitatory_bar);
        back(step_.in, next_bar, i_in_bar, inhibitory_bar);
    }

  private:
    static Synapse synapse(const sdk::Values& p, const char* tau, double dt) {
        return {std::exp(-dt / p[tau]),
                synfire::propagators::exponential(p["tau_m"], p[tau], dt) / p["C_m"]};
    }
    SYNFIRE_INLINE static void back(const Synapse& x, float next_bar, float& i_bar,
                                    float& input_bar) {
        input_bar = i_bar;
        i_bar = static_cast<float>(x.keeps) * i_bar + static_cast<float>(x.brings) * next_bar;
    }

    Step step_;
    sdk::Psi psi_;
};

}  // namespace

SYNFIRE_NEURON_PLUGIN(IafPscExp)
