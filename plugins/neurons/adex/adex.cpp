// adex: adaptive exponential integrate-and-fire neuron (Brette and Gerstner, J. Neurophysiol.
// 2005), integrated by the explicit midpoint rule, four steps a tick; synaptic currents decay
// exponentially.
//
//   C_m V' = -g_L (V - E_L) + g_L Delta_T exp((V - V_T) / Delta_T) - w + I_syn + I_e
//   tau_w w' = a (V - E_L) - w;   where V >= V_peak it fires: V = V_reset, w = w + b
//
// Spikes add their weight to I_syn (pA).
#include <cmath>
#include <stdexcept>
#include <synfire/neuron.hpp>

namespace {

namespace sdk = synfire::sdk;

class Adex : public sdk::Neuron<double, double, double, double> {
  public:
    static constexpr auto id = "adex";
    static constexpr auto version = "1.0.0";
    static constexpr auto doc = "Adaptive exponential integrate-and-fire neuron.";
    static constexpr bool input_f64 = true;
    static constexpr sdk::Parameter parameters[] = {
        sdk::real("C_m", "pF", 281, sdk::above(0), "membrane capacitance"),
        sdk::real("g_L", "nS", 30, sdk::above(0), "leak conductance"),
        sdk::real("E_L", "mV", -70.6, sdk::any(), "resting potential"),
        sdk::real("V_T", "mV", -50.4, sdk::any(), "threshold of the exponential"),
        sdk::real("Delta_T", "mV", 2, sdk::above(0), "slope of the exponential"),
        sdk::real("V_peak", "mV", 0, sdk::any(), "fires at this potential"),
        sdk::real("V_reset", "mV", -60, sdk::any(), "potential after a spike"),
        sdk::real("t_ref", "ms", 0, sdk::at_least(0), "refractory period"),
        sdk::real("a", "nS", 4, sdk::any(), "adaptation by the potential"),
        sdk::real("b", "pA", 80.5, sdk::any(), "adaptation by a spike"),
        sdk::real("tau_w", "ms", 144, sdk::above(0), "time constant of the adaptation"),
        sdk::real("tau_syn", "ms", 5, sdk::above(0), "decay of synaptic currents"),
        sdk::real("I_e", "pA", 0, sdk::any(), "constant current"),
    };
    static constexpr sdk::Variable variables[] = {
        variable(0, "V_m", "mV", 0, "membrane potential, relative to E_L"),
        variable(1, "w", "pA", 0, "adaptation current"),
        variable(2, "I_syn", "pA", 0, "synaptic current"),
        variable(3, "refractory", "ticks", 0, "ticks that it is still held for"),
    };

    Adex(const sdk::Values& p, double dt)
        : c_(p["C_m"]),
          g_(p["g_L"]),
          rheobase_(p["V_T"] - p["E_L"]),
          slope_(p["Delta_T"]),
          peak_(p["V_peak"] - p["E_L"]),
          reset_(p["V_reset"] - p["E_L"]),
          a_(p["a"]),
          b_(p["b"]),
          tau_w_(p["tau_w"]),
          drive_(p["I_e"]),
          keeps_(std::exp(-dt / p["tau_syn"])),
          held_(std::round(p["t_ref"] / dt)),
          dt_(dt / substeps) {
        if (reset_ >= peak_) throw std::invalid_argument("V_reset has to be below V_peak");
    }

    bool advance(double& v, double& w, double& current, double& refractory, double input,
                 float&) const {
        const double driven = current + drive_;
        current = current * keeps_ + input;
        if (refractory > 0) {
            refractory -= 1;
            return false;
        }
        for (int k = 0; k < substeps; ++k) {
            const Slope s = slope(v, w, driven);
            const Slope middle = slope(v + 0.5 * dt_ * s.v, w + 0.5 * dt_ * s.w, driven);
            v += dt_ * middle.v;
            w += dt_ * middle.w;
            if (v >= peak_) {
                v = reset_;
                w += b_;
                refractory = held_;
                return true;
            }
        }
        return false;
    }

  private:
    static constexpr int substeps = 4;
    struct Slope {
        double v, w;
    };
    // Above the peak the exponential is held there: the spike is under way.
    Slope slope(double v, double w, double driven) const {
        const double x = (std::fmin(v, peak_) - rheobase_) / slope_;
        return {(-g_ * v + g_ * slope_ * std::exp(x) - w + driven) / c_, (a_ * v - w) / tau_w_};
    }

    double c_, g_, rheobase_, slope_, peak_, reset_, a_, b_, tau_w_, drive_, keeps_, held_, dt_;
};

}  // namespace

SYNFIRE_NEURON_PLUGIN(Adex)
