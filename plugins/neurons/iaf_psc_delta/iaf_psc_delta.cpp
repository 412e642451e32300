// iaf_psc_delta: leaky integrate-and-fire neuron whose membrane potential jumps with each spike
// that arrives; integrated exactly (Rotter and Diesmann 1999), as NEST's model of that name.
//
//   V[t] = E_L + P33 (V[t-1] - E_L) + P30 I_e + sum of weights (mV)
//   P33 = exp(-dt / tau_m),  P30 = tau_m / C_m (1 - P33)
//
// Threshold, refractoriness and Psi: synfire/membrane.hpp. What arrives while it is held, up to the
// tick at which it is free again, is lost.
#include <algorithm>
#include <synfire/math.hpp>
#include <synfire/membrane.hpp>

namespace {

namespace sdk = synfire::sdk;

class IafPscDelta : public sdk::Neuron<double, float> {
  public:
    static constexpr auto id = "iaf_psc_delta";
    static constexpr auto version = "1.1.0";
    static constexpr auto doc =
        "Leaky integrate-and-fire neuron with delta-shaped currents; input while held is lost.";
    static constexpr bool input_f64 = true;
    static constexpr auto parameters = sdk::list(sdk::membrane::parameters, sdk::membrane::psi);
    static constexpr sdk::Variable variables[] = {
        variable(0, "V_m", "mV", 0, "membrane potential, relative to E_L"),
        variable(1, "refractory", "ticks", 0, "ticks that it is still held for"),
    };

    struct Step : sdk::LeakyMembrane<float> {
        SYNFIRE_INLINE bool advance(double& v, float& refractory, double input,
                                    float& above) const {
            return fire(drive + keeps * v + input, v, refractory, above);
        }
    };

    IafPscDelta(const sdk::Values& p, double dt)
        : step_{{p, dt}},
          psi_(sdk::psi_of(p)),
          powers_(step_.keeps),
          infinite_(sdk::finite("I_e tau_m / C_m", p["I_e"] * p["tau_m"] / p["C_m"])) {
        // Rounding may carry the potential over a threshold that it only comes near.
        const double near = 1e-9 * std::max(std::fabs(infinite_), std::fabs(step_.threshold));
        approaches_ = std::fabs(infinite_ - step_.threshold) <= near;
        driven_ = infinite_ > step_.threshold || approaches_ || step_.threshold <= 0;
    }

    const Step& step() const { return step_; }
    const sdk::Psi& psi() const { return psi_; }

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
    SYNFIRE_INLINE void adjoint(float& v_bar, float& refractory_bar, const double&,
                                const float& refractory, const sdk::Moment& at,
                                float& input_bar) const {
        input_bar = step_.fire_back(v_bar, refractory_bar, refractory, at);
    }

  private:
    Step step_;
    sdk::Psi psi_;
    synfire::math::Powers<double> powers_;
    double infinite_;
    bool driven_, approaches_;
};

}  // namespace

SYNFIRE_NEURON_PLUGIN(IafPscDelta)
