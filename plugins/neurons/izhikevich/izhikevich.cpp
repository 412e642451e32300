// izhikevich: the simple model of Izhikevich (IEEE Trans. Neural Networks 14, 2003).
//
//   v' = 0.04 v^2 + 5 v + 140 - u + I_e,  u' = a (b v - u);  where v >= V_th it fires: v = c, u = u
//   + d v in mV, u and I_e in mV/ms, time in ms; spikes add their weight (mV) to v at a tick's end
//
// "integration": "published" takes two half steps for v, then one for u with the new v, as the code
// of that paper does with a tick of 1 ms; "euler" takes one step of forward Euler for both, as
// NEST's model of that name does where "consistent_integration" is true.
//
// The term 0.04 v^2 makes long steps unstable: with a tick of 1 ms the published integration throws
// a neuron far below rest (v = -150 mV, after an input of -80 mV, say) above V_th within one tick,
// and it fires. Strong inhibition wants a tick of 0.1 ms.
#include <synfire/neuron.hpp>

namespace {

namespace sdk = synfire::sdk;

constexpr const char* integrations[] = {"published", "euler"};

class Izhikevich : public sdk::Neuron<double, double> {
  public:
    static constexpr auto id = "izhikevich";
    static constexpr auto version = "1.1.0";
    static constexpr auto doc =
        "Izhikevich's simple model; with dt_ms 1 strong inhibition makes it fire, as in his code: "
        "take 0.1.";
    static constexpr bool input_f64 = true;
    static constexpr sdk::Parameter parameters[] = {
        sdk::real("a", "1/ms", 0.02, sdk::any(), "rate of the recovery u"),
        sdk::real("b", "1/ms", 0.2, sdk::any(), "sensitivity of u to v"),
        sdk::real("c", "mV", -65, sdk::any(), "v after a spike"),
        sdk::real("d", "mV/ms", 8, sdk::any(), "step of u at a spike"),
        sdk::real("V_th", "mV", 30, sdk::any(), "fires at this potential"),
        sdk::real("I_e", "mV/ms", 0, sdk::any(), "constant drive"),
        sdk::choice(
            "integration", integrations, 0,
            "of a tick: two half steps for v, then u; or one step of forward Euler, as NEST"),
    };
    static constexpr sdk::Variable variables[] = {
        variable(0, "v", "mV", -65, "membrane potential"),
        variable(1, "u", "mV/ms", -13, "recovery"),
    };

    Izhikevich(const sdk::Values& p, double dt)
        : constants_{p["a"], p["b"], p["c"], p["d"], p["V_th"], p["I_e"], dt},
          euler_(p.chosen("integration") == "euler") {}

    struct Constants {
        double a, b, c, d, threshold, drive, dt;

        SYNFIRE_INLINE bool compare(double& v, double& u) const {
            const bool fired = v >= threshold;
            v = fired ? c : v;
            u = fired ? u + d : u;
            return fired;
        }
    };
    template <bool euler>
    struct Step : Constants {
        SYNFIRE_INLINE bool advance(double& v, double& u, double input, float&) const {
            double x = v;
            if constexpr (euler) {
                x += dt * (0.04 * x * x + 5 * x + 140 - u + drive);
                u += dt * a * (b * v - u);
            } else {
                for (int half = 0; half < 2; ++half)
                    x += 0.5 * dt * (0.04 * x * x + 5 * x + 140 - u + drive);
                u += dt * a * (b * x - u);
            }
            v = x + input;
            return compare(v, u);
        }
    };
    template <class Body>
    auto with_step(Body&& body) const {
        return euler_ ? body(Step<true>{constants_}) : body(Step<false>{constants_});
    }

  private:
    Constants constants_;
    bool euler_;
};

}  // namespace

SYNFIRE_NEURON_PLUGIN(Izhikevich)
