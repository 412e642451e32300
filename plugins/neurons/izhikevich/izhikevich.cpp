// izhikevich: the simple model of Izhikevich (IEEE TNN 2003), integrated as in his code: two half
// steps for v and one for u a tick of 1 ms, or in the same proportion for other ticks.
//
//   v' = 0.04 v^2 + 5 v + 140 - u + I,  u' = a (b v - u);  where v >= 30 it fires: v = c, u = u + d
//
// Spikes add their weight to v (mV), as in NEST's model of that name.
#include <synfire/neuron.hpp>

namespace {

namespace sdk = synfire::sdk;

class Izhikevich : public sdk::Neuron<double, double> {
  public:
    static constexpr auto id = "izhikevich";
    static constexpr auto version = "1.0.0";
    static constexpr auto doc = "Izhikevich's simple model of spiking neurons.";
    static constexpr bool input_f64 = true;
    static constexpr sdk::Parameter parameters[] = {
        sdk::real("a", "1/ms", 0.02, sdk::any(), "rate of the recovery u"),
        sdk::real("b", "1/ms", 0.2, sdk::any(), "sensitivity of u to v"),
        sdk::real("c", "mV", -65, sdk::any(), "v after a spike"),
        sdk::real("d", "mV/ms", 8, sdk::any(), "step of u at a spike"),
        sdk::real("V_th", "mV", 30, sdk::any(), "fires at this potential"),
        sdk::real("I_e", "mV/ms", 0, sdk::any(), "constant drive"),
    };
    static constexpr sdk::Variable variables[] = {
        variable(0, "v", "mV", -65, "membrane potential"),
        variable(1, "u", "mV/ms", -13, "recovery"),
    };

    Izhikevich(const sdk::Values& p, double dt)
        : step_{p["a"], p["b"], p["c"], p["d"], p["V_th"], p["I_e"], dt} {}

    struct Step {
        double a, b, c, d, threshold, drive, dt;

        SYNFIRE_INLINE bool advance(double& v, double& u, double input, float&) const {
            double x = v;
            for (int half = 0; half < 2; ++half)
                x += 0.5 * dt * (0.04 * x * x + 5 * x + 140 - u + drive);
            const double recovered = u + dt * a * (b * x - u);
            x += input;
            const bool fired = x >= threshold;
            v = fired ? c : x;
            u = fired ? recovered + d : recovered;
            return fired;
        }
    };
    template <class Body>
    SYNFIRE_INLINE void with_step(Body&& body) const {
        body(step_);
    }
    bool advance(double& v, double& u, double input, float& psi) const {
        return step_.advance(v, u, input, psi);
    }

  private:
    Step step_;
};

}  // namespace

SYNFIRE_NEURON_PLUGIN(Izhikevich)
