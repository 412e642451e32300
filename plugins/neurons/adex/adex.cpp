// adex: adaptive exponential integrate-and-fire neuron (Brette and Gerstner, J. Neurophysiol. 94,
// 2005) with exponentially decaying synaptic currents, apart for positive and negative weights; as
// NEST's aeif_psc_exp.
//
//   C_m V' = -g_L (V - E_L) + g_L Delta_T exp((V - V_T) / Delta_T) - w + I_ex + I_in + I_e
//   tau_w w' = a (V - E_L) - w,  tau_syn_x I_x' = -I_x
//   where V >= V_peak it fires: V = V_reset, w = w + b, and V is held for t_ref while w goes on
//   V in mV, w and I in pA, C_m in pF, g_L and a in nS, time in ms
//
// On the right V stands for min(V, V_peak), so that no run-away potential reaches w. Where Delta_T
// is 0 there is no exponential and it fires at V_T. Spikes add their weight (pA) to I_x at a tick's
// end.
//
// A tick is cut into steps of a Runge-Kutta pair of order 5 and 4 (Cash and Karp, ACM TOMS 16,
// 1990), whose length keeps the error of each below 1e-7 mV and 1e-7 pA, or 1e-9 of a large V or w;
// currents decay exactly within them. A spike is found within its step to 1e-7 of a tick, and what
// is left of the tick goes on after the reset. What cannot be followed so is refused, never
// guessed: a second spike in one tick, and equations so stiff that a tick would take too many
// steps.
#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <synfire/math.hpp>
#include <synfire/neuron.hpp>

namespace {

namespace sdk = synfire::sdk;

// What moves V and w; potentials relative to E_L. Quotients are formed once.
struct Membrane {
    double leak, rheobase, slope, per_slope, peak, adaptation, drive, per_capacitance, per_tau_w;

    struct Rate {
        double v, w;
    };
    Rate operator()(double v, double w, double current) const {
        const double x = std::min(v, peak);
        const double spike =
            slope > 0 ? leak * slope * synfire::math::exp((x - rheobase) * per_slope) : 0;
        return {(spike - leak * x - w + (current + drive)) * per_capacitance,
                (adaptation * x - w) * per_tau_w};
    }
};

// A synaptic current within one step, as a part of what it was at the beginning.
struct Decay {
    double fifth, three_tenths, three_fifths, seven_eighths, whole;

    Decay(double length, double tau) {
        const double q = synfire::math::exp(-length / (40 * tau));
        const double q2 = q * q, q4 = q2 * q2, q8 = q4 * q4, q12 = q8 * q4, q24 = q12 * q12;
        fifth = q8;
        three_tenths = q12;
        three_fifths = q24;
        seven_eighths = q24 * q8 * q2 * q;
        whole = q24 * q12 * q4;
    }
};

class Adex : public sdk::Neuron<double, double, double, double, double> {
  public:
    static constexpr auto id = "adex";
    static constexpr auto version = "2.0.0";
    static constexpr auto doc =
        "Adaptive exponential integrate-and-fire neuron, as NEST's aeif_psc_exp; it fires at most "
        "once a tick.";
    static constexpr bool input_f64 = true;
    static constexpr bool signed_input = true;
    static constexpr sdk::Parameter parameters[] = {
        sdk::real("C_m", "pF", 281, sdk::above(0), "membrane capacitance"),
        sdk::real("g_L", "nS", 30, sdk::above(0), "leak conductance"),
        sdk::real("E_L", "mV", -70.6, sdk::any(), "resting potential"),
        sdk::real("V_T", "mV", -50.4, sdk::any(), "threshold of the exponential"),
        sdk::real("Delta_T", "mV", 2, sdk::at_least(0),
                  "slope of the exponential; 0: none, it fires at V_T"),
        sdk::real("V_peak", "mV", 0, sdk::any(), "fires at this potential"),
        sdk::real("V_reset", "mV", -60, sdk::any(), "potential after a spike"),
        sdk::real("t_ref", "ms", 0, sdk::at_least(0),
                  "refractory period, in whole ticks rounded up; 0: it may fire in every tick"),
        sdk::real("a", "nS", 4, sdk::any(), "adaptation by the potential"),
        sdk::real("b", "pA", 80.5, sdk::any(), "adaptation by a spike"),
        sdk::real("tau_w", "ms", 144, sdk::above(0), "time constant of the adaptation"),
        sdk::real("tau_syn", "ms", 5, sdk::above(0), "decay of synaptic currents"),
        sdk::real("tau_syn_ex", "ms", 0, sdk::at_least(0),
                  "decay of excitatory currents; 0: tau_syn"),
        sdk::real("tau_syn_in", "ms", 0, sdk::at_least(0),
                  "decay of inhibitory currents; 0: tau_syn"),
        sdk::real("I_e", "pA", 0, sdk::any(), "constant current"),
    };
    static constexpr sdk::Variable variables[] = {
        variable(0, "V_m", "mV", 0, "membrane potential, relative to E_L"),
        variable(1, "w", "pA", 0, "adaptation current"),
        variable(2, "I_ex", "pA", 0, "excitatory current"),
        variable(3, "I_in", "pA", 0, "inhibitory current"),
        variable(4, "refractory", "ticks", 0, "ticks that it is still held for"),
    };

    Adex(const sdk::Values& p, double dt)
        : membrane_{p["g_L"],
                    p["V_T"] - p["E_L"],
                    p["Delta_T"],
                    p["Delta_T"] > 0 ? 1 / p["Delta_T"] : 0,
                    p["V_peak"] - p["E_L"],
                    p["a"],
                    p["I_e"],
                    1 / p["C_m"],
                    1 / p["tau_w"]},
          threshold_(membrane_.slope > 0 ? membrane_.peak : membrane_.rheobase),
          reset_(p["V_reset"] - p["E_L"]),
          b_(p["b"]),
          tau_ex_(p["tau_syn_ex"] > 0 ? p["tau_syn_ex"] : p["tau_syn"]),
          tau_in_(p["tau_syn_in"] > 0 ? p["tau_syn_in"] : p["tau_syn"]),
          whole_ex_(dt, tau_ex_),
          whole_in_(dt, tau_in_),
          keeps_ex_(synfire::math::exp(-dt / tau_ex_)),
          keeps_in_(synfire::math::exp(-dt / tau_in_)),
          keeps_w_(synfire::math::exp(-dt / p["tau_w"])),
          held_(p.ticks_up<double>("t_ref", dt)),
          dt_(dt) {
        if (reset_ >= membrane_.peak) throw std::invalid_argument("V_reset has to be below V_peak");
        if (membrane_.slope == 0 && membrane_.peak < threshold_)
            throw std::invalid_argument("V_peak has to be at least V_T where Delta_T is 0");
        if (reset_ >= threshold_)
            throw std::invalid_argument("V_reset has to be below V_T where Delta_T is 0");
        // Bounds how fast V and w settle, in ticks.
        const double stiffness =
            dt * (membrane_.leak * membrane_.per_capacitance + membrane_.per_tau_w +
                  std::sqrt(std::fabs(membrane_.adaptation) * membrane_.per_capacitance *
                            membrane_.per_tau_w));
        if (!(stiffness <= most_stiffness))
            throw std::invalid_argument(
                "C_m / g_L, tau_w or the product of tau_w and C_m / a is too short for this dt_ms: "
                "V "
                "and w settle " +
                sdk::text(stiffness) + " times within a tick; at most " +
                sdk::text(most_stiffness) + " are allowed");
    }

    bool advance(double& v, double& w, double& i_ex, double& i_in, double& refractory,
                 double excitatory, double inhibitory, float&) const {
        bool fired = false;
        if (refractory > 0) {
            refractory -= 1;
            hold(w, keeps_w_);
        } else {
            fired = integrate(v, w, i_ex, i_in, refractory);
        }
        i_ex = i_ex * keeps_ex_ + excitatory;
        i_in = i_in * keeps_in_ + inhibitory;
        return fired;
    }

  private:
    static constexpr double most_stiffness = 10000;
    static constexpr int most_steps = 20000;    // of a tick, refused ones included
    static constexpr double short_step = 1e-7;  // of a tick: spikes are found to this

    // V stands at V_reset while w takes the rest of the way.
    void hold(double& w, double keeps) const {
        const double end = membrane_.adaptation * reset_;
        w = end + (w - end) * keeps;
    }

    // The tick of a neuron that is not held; true: it fired.
    bool integrate(double& v, double& w, double i_ex, double i_in, double& refractory) const {
        bool fired = false;
        const double first_ex = std::fabs(i_ex), first_in = std::fabs(i_in);
        double left = dt_, length = dt_;
        for (int step = 0; step < most_steps; ++step) {
            // A current that decays within the tick is followed until nothing is left of it.
            if (tau_ex_ < length && std::fabs(i_ex) > 1e-9 * first_ex) length = tau_ex_;
            if (tau_in_ < length && std::fabs(i_in) > 1e-9 * first_in) length = tau_in_;
            const bool whole = length == dt_;
            const Decay ex = whole ? whole_ex_ : Decay(length, tau_ex_);
            const Decay in = whole ? whole_in_ : Decay(length, tau_in_);
            double next_v = v, next_w = w;
            const Membrane::Rate rate = membrane_(v, w, i_ex + i_in);
            const bool runs_away = v < threshold_ && flees(v, rate.v);
            if (!runs_away) {
                const double error = advance_by(length, rate, ex, in, i_ex, i_in, next_v, next_w);
                if (!(error <= 1)) {
                    length *= error <= 1000 ? 0.5 : error <= 1e6 ? 0.25 : 0.1;
                    continue;
                }
                if (next_v >= threshold_ && v < threshold_ && length > short_step * dt_) {
                    length *= 0.5;
                    continue;
                }
                v = next_v;
                w = next_w;
                i_ex *= ex.whole;
                i_in *= in.whole;
                left = length < left ? left - length : 0;
                length *= error < 1e-4 ? 4 : error < 0.02 ? 2 : 1;
            }
            if (runs_away || v >= threshold_) {
                if (fired)
                    throw std::runtime_error(
                        "a neuron would fire twice within one tick of " + sdk::text(dt_) +
                        " ms; a smaller dt_ms or a t_ref of a tick or more is needed");
                fired = true;
                v = reset_;
                w += b_;
                length = left;
                if (held_ > 0) {
                    hold(w, synfire::math::exp(-left * membrane_.per_tau_w));
                    refractory = held_;
                    return true;
                }
            }
            if (left == 0) return fired;
            length = std::min(length, left);
        }
        throw std::runtime_error("a tick of " + sdk::text(dt_) +
                                 " ms takes more than 20000 steps; a smaller dt_ms, smaller "
                                 "currents or longer time constants are needed");
    }

    // Whether V will be beyond the peak before a noticeable part of the tick is over: above V_T its
    // rate never falls while it rises, and grows e times with each Delta_T.
    bool flees(double v, double rate) const {
        return membrane_.slope > 0 && v > membrane_.rheobase &&
               rate * short_step * dt_ > membrane_.slope;
    }

    // One step; returns its error in units of what is allowed.
    double advance_by(double h, const Membrane::Rate& k1, const Decay& ex, const Decay& in,
                      double i_ex, double i_in, double& v, double& w) const {
        const auto k2 = membrane_(v + h * (1.0 / 5 * k1.v), w + h * (1.0 / 5 * k1.w),
                                  i_ex * ex.fifth + i_in * in.fifth);
        const auto k3 = membrane_(v + h * (3.0 / 40 * k1.v + 9.0 / 40 * k2.v),
                                  w + h * (3.0 / 40 * k1.w + 9.0 / 40 * k2.w),
                                  i_ex * ex.three_tenths + i_in * in.three_tenths);
        const auto k4 = membrane_(v + h * (3.0 / 10 * k1.v - 9.0 / 10 * k2.v + 6.0 / 5 * k3.v),
                                  w + h * (3.0 / 10 * k1.w - 9.0 / 10 * k2.w + 6.0 / 5 * k3.w),
                                  i_ex * ex.three_fifths + i_in * in.three_fifths);
        const auto k5 = membrane_(
            v + h * (-11.0 / 54 * k1.v + 5.0 / 2 * k2.v - 70.0 / 27 * k3.v + 35.0 / 27 * k4.v),
            w + h * (-11.0 / 54 * k1.w + 5.0 / 2 * k2.w - 70.0 / 27 * k3.w + 35.0 / 27 * k4.w),
            i_ex * ex.whole + i_in * in.whole);
        const auto k6 =
            membrane_(v + h * (1631.0 / 55296 * k1.v + 175.0 / 512 * k2.v + 575.0 / 13824 * k3.v +
                               44275.0 / 110592 * k4.v + 253.0 / 4096 * k5.v),
                      w + h * (1631.0 / 55296 * k1.w + 175.0 / 512 * k2.w + 575.0 / 13824 * k3.w +
                               44275.0 / 110592 * k4.w + 253.0 / 4096 * k5.w),
                      i_ex * ex.seven_eighths + i_in * in.seven_eighths);
        constexpr double b1 = 37.0 / 378, b3 = 250.0 / 621, b4 = 125.0 / 594, b6 = 512.0 / 1771;
        constexpr double e1 = b1 - 2825.0 / 27648, e3 = b3 - 18575.0 / 48384,
                         e4 = b4 - 13525.0 / 55296, e5 = -277.0 / 14336, e6 = b6 - 1.0 / 4;
        v += h * (b1 * k1.v + b3 * k3.v + b4 * k4.v + b6 * k6.v);
        w += h * (b1 * k1.w + b3 * k3.w + b4 * k4.w + b6 * k6.w);
        const double error_v = h * (e1 * k1.v + e3 * k3.v + e4 * k4.v + e5 * k5.v + e6 * k6.v);
        const double error_w = h * (e1 * k1.w + e3 * k3.w + e4 * k4.w + e5 * k5.w + e6 * k6.w);
        // A sum, since it is no number where either is none.
        return std::fabs(error_v) / (1e-7 + 1e-9 * std::fabs(v)) +
               std::fabs(error_w) / (1e-7 + 1e-9 * std::fabs(w));
    }

    Membrane membrane_;
    double threshold_, reset_, b_, tau_ex_, tau_in_;
    Decay whole_ex_, whole_in_;
    double keeps_ex_, keeps_in_, keeps_w_, held_, dt_;
};

}  // namespace

SYNFIRE_NEURON_PLUGIN(Adex)
