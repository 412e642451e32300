// iaf_psc_delta: leaky integrate-and-fire neuron whose membrane potential jumps with each spike
// that arrives; integrated exactly (Rotter and Diesmann 1999), as NEST's model of that name.
//
//   V[t] = E_L + P33 (V[t-1] - E_L) + P30 I_e + sum of weights (mV)
//   P33 = exp(-dt / tau_m),  P30 = tau_m / C_m (1 - P33)
//
// It fires where V >= V_th, is then set to V_reset and held for t_ref, rounded up to whole ticks;
// what arrives meanwhile, up to the tick at which it is free again, is lost.
#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <synfire/math.hpp>
#include <synfire/neuron.hpp>
#include <synfire/propagators.hpp>

namespace {

namespace sdk = synfire::sdk;

class IafPscDelta : public sdk::Neuron<double, float> {
  public:
    static constexpr auto id = "iaf_psc_delta";
    static constexpr auto version = "1.0.0";
    static constexpr auto doc =
        "Leaky integrate-and-fire neuron with delta-shaped currents; input while held is lost.";
    static constexpr bool input_f64 = true;
    static constexpr sdk::Parameter parameters[] = {
        sdk::real("C_m", "pF", 250, sdk::above(0), "membrane capacitance"),
        sdk::real("tau_m", "ms", 10, sdk::above(0), "membrane time constant"),
        sdk::real("t_ref", "ms", 2, sdk::at_least(0),
                  "refractory period, in whole ticks rounded up"),
        sdk::real("E_L", "mV", -70, sdk::any(), "resting potential"),
        sdk::real("V_reset", "mV", -70, sdk::any(), "potential after a spike"),
        sdk::real("V_th", "mV", -55, sdk::any(), "fires at this potential"),
        sdk::real("I_e", "pA", 0, sdk::any(), "constant current"),
    };
    static constexpr sdk::Variable variables[] = {
        variable(0, "V_m", "mV", 0, "membrane potential, relative to E_L"),
        variable(1, "refractory", "ticks", 0, "ticks that it is still held for"),
    };

    IafPscDelta(const sdk::Values& p, double dt_ms)
        : step_{std::exp(-dt_ms / p["tau_m"]), 0, p["V_th"] - p["E_L"], p["V_reset"] - p["E_L"],
                p.ticks_up<float>("t_ref", dt_ms)},
          powers_(step_.keeps) {
        if (p["V_reset"] >= p["V_th"]) throw std::invalid_argument("V_reset has to be below V_th");
        const double infinite = sdk::finite("I_e tau_m / C_m", p["I_e"] * p["tau_m"] / p["C_m"]);
        step_.drive = sdk::finite(
            "I_e / C_m", p["I_e"] / p["C_m"] * synfire::propagators::constant(p["tau_m"], dt_ms));
        infinite_ = infinite;
        // Rounding may carry the potential over a threshold that it only comes near.
        const double near = 1e-9 * std::max(std::fabs(infinite), std::fabs(step_.threshold));
        approaches_ = std::fabs(infinite - step_.threshold) <= near;
        driven_ = infinite > step_.threshold || approaches_ || step_.threshold <= 0;
    }

    struct Step {
        double keeps, drive, threshold, reset;
        float held;

        SYNFIRE_INLINE bool advance(double& v, float& refractory, double input, float&) const {
            const bool free = refractory == 0;
            const double next = drive + keeps * v + input;
            const double potential = free ? next : v;
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
    bool advance(double& v, float& refractory, double input, float& psi) const {
        return step_.advance(v, refractory, input, psi);
    }
    void decay(double& v, float& refractory, std::uint32_t ticks) const {
        const std::uint32_t held = std::min(static_cast<std::uint32_t>(refractory), ticks);
        refractory -= static_cast<float>(held);
        const double kept = powers_[ticks - held];
        v = infinite_ + (v - infinite_) * kept;
    }
    sdk::Alone fires_alone() const { return driven_ ? sdk::Alone::always : sdk::Alone::never; }
    // Driven by I_e, the potential crosses the threshold where V_inf + (v - V_inf) P33^k does. As
    // that is rounded, the last ticks before are not promised.
    std::uint32_t silent_ticks(const double& v, const float& refractory) const {
        if (v >= step_.threshold || approaches_) return 0;
        if (infinite_ < step_.threshold) return UINT32_MAX;
        const double left = (infinite_ - step_.threshold) / (infinite_ - v);
        const double crossing = std::log(left) / std::log(step_.keeps);
        const double silent = static_cast<double>(refractory) + crossing * (1 - 1e-9) - 2;
        return static_cast<std::uint32_t>(std::clamp(silent, 0.0, 2e9));
    }

  private:
    Step step_;
    synfire::math::Powers<double> powers_;
    double infinite_ = 0;
    bool driven_ = false, approaches_ = false;
};

}  // namespace

SYNFIRE_NEURON_PLUGIN(IafPscDelta)
