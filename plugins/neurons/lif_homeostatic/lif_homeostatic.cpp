// lif_homeostatic: leaky integrate-and-fire neuron whose threshold rises with each of its spikes
// and falls very slowly, so that all neurons of a layer come to fire (Diehl and Cook, Frontiers in
// Computational Neuroscience 9:99, 2015). Its defaults are those of the paper's excitatory neurons;
// a spike that arrives makes the potential jump by its weight, in place of a short conductance.
//
//   V[t] = E_L + P (V[t-1] - E_L) + sum of weights (mV),  P = exp(-dt / tau_m)
//   theta[t] = theta[t-1] exp(-dt / tau_theta),  + theta_plus where it fires at t
//   it fires where V >= V_th + theta, before the spike's own theta_plus
//
// Reset, refractoriness and Psi: synfire/membrane.hpp, with V_th + theta for V_th. What arrives
// while it is held is lost. theta is kept from one sample to the next and in checkpoints. What a
// spike adds to theta is not detached backward in time.
#include <algorithm>
#include <synfire/math.hpp>
#include <synfire/membrane.hpp>

namespace {

namespace sdk = synfire::sdk;
namespace membrane = synfire::sdk::membrane;

class LifHomeostatic : public sdk::Neuron<double, double, float> {
  public:
    static constexpr auto id = "lif_homeostatic";
    static constexpr auto version = "1.0.0";
    static constexpr auto doc =
        "Leaky integrate-and-fire neuron whose threshold rises by its own spikes and stays so.";
    static constexpr bool input_f64 = true;
    static constexpr auto parameters = sdk::list(
        sdk::with_default(membrane::tau_m, 100), sdk::with_default(membrane::t_ref, 5),
        sdk::with_default(membrane::E_L, -65), sdk::with_default(membrane::V_reset, -65),
        sdk::with_default(membrane::V_th, -52),
        sdk::real("theta_plus", "mV", 0.05, sdk::at_least(0), "what a spike adds to the threshold"),
        sdk::real("tau_theta", "ms", 1e7, sdk::above(0), "decay of what spikes have added"),
        membrane::psi);
    static constexpr sdk::Variable variables[] = {
        variable(0, "V_m", "mV", 0, "membrane potential, relative to E_L"),
        sdk::kept(variable(1, "theta", "mV", 0, "what spikes have added to the threshold")),
        variable(2, "refractory", "ticks", 0, "ticks that it is still held for"),
    };

    struct Step : sdk::Threshold<float> {
        double keeps, keeps_theta, plus;

        SYNFIRE_INLINE bool advance(double& v, double& theta, float& refractory, double input,
                                    float& above) const {
            theta *= keeps_theta;
            const bool fired = fire(keeps * v + input, threshold + theta, v, refractory, above);
            theta = fired ? theta + plus : theta;
            return fired;
        }
    };

    LifHomeostatic(const sdk::Values& p, double dt)
        : step_{{p, dt},
                std::exp(-dt / p["tau_m"]),
                std::exp(-dt / p["tau_theta"]),
                p["theta_plus"]},
          psi_(sdk::psi_of(p)),
          powers_(step_.keeps),
          powers_theta_(step_.keeps_theta) {
        if (p["E_L"] >= p["V_th"])
            throw std::invalid_argument("E_L has to be below V_th, or it fires without input");
        if (p["tau_theta"] < p["tau_m"])
            throw std::invalid_argument(
                "tau_theta has to be at least tau_m: the threshold falls slower than the "
                "potential");
    }

    const Step& step() const { return step_; }
    const sdk::Psi& psi() const { return psi_; }

    void decay(double& v, double& theta, float& refractory, std::uint32_t ticks) const {
        const std::uint32_t held = std::min(static_cast<std::uint32_t>(refractory), ticks);
        refractory -= static_cast<float>(held);
        v *= powers_[ticks - held];
        theta *= powers_theta_[ticks];
    }
    // Left alone, V falls towards E_L, which is below V_th, and faster than theta.
    sdk::Alone fires_alone() const { return sdk::Alone::never; }
    SYNFIRE_INLINE void adjoint(float& v_bar, float& theta_bar, float& refractory_bar,
                                const double&, const double&, const float& refractory,
                                const sdk::Moment& at, float& input_bar) const {
        const float spike_bar = at.signal + static_cast<float>(step_.plus) * theta_bar;
        input_bar =
            sdk::Threshold<float>::fire_back(v_bar, refractory_bar, refractory, spike_bar, at);
        v_bar += static_cast<float>(step_.keeps) * input_bar;
        theta_bar = static_cast<float>(step_.keeps_theta) * (theta_bar - at.psi * spike_bar);
    }

  private:
    Step step_;
    sdk::Psi psi_;
    synfire::math::Powers<double> powers_, powers_theta_;
};

}  // namespace

SYNFIRE_NEURON_PLUGIN(LifHomeostatic)
