// What integrate-and-fire neurons in millivolts share: parameters, the exact leak, what happens at
// threshold, and the way back through both. Potentials are relative to E_L, time is in
// milliseconds.
//
//   V[t] = E_L + P (V[t-1] - E_L) + P_0 I_e + what synapses bring
//   P = exp(-dt / tau_m),  P_0 = tau_m / C_m (1 - P)
//
// Where V >= V_th it fires, V is set to V_reset and held for t_ref, rounded up to whole ticks. Psi
// is taken on V - V_th before the reset and is 0 while V is held. Backward through time the reset
// and the ticks that it holds are taken as constants.
#pragma once

#include <array>
#include <cmath>
#include <stdexcept>

#include "neuron.hpp"
#include "propagators.hpp"

namespace synfire::sdk {

namespace membrane {

inline constexpr Parameter C_m = real("C_m", "pF", 250, above(0), "membrane capacitance");
inline constexpr Parameter tau_m = real("tau_m", "ms", 10, above(0), "membrane time constant");
inline constexpr Parameter t_ref =
    real("t_ref", "ms", 2, at_least(0), "refractory period, in whole ticks rounded up");
inline constexpr Parameter E_L = real("E_L", "mV", -70, any(), "resting potential");
inline constexpr Parameter V_reset = real("V_reset", "mV", -70, any(), "potential after a spike");
inline constexpr Parameter V_th = real("V_th", "mV", -55, any(), "fires at this potential");
inline constexpr Parameter I_e = real("I_e", "pA", 0, any(), "constant current");

// Those of LeakyMembrane.
inline constexpr std::array parameters = {C_m, tau_m, t_ref, E_L, V_reset, V_th, I_e};

inline constexpr std::array psi =
    psi_parameters(psi_shapes, "triangular", "mV", "1/mV", 1, 15, 0.02);

// The time constants of excitatory and inhibitory currents.
constexpr std::array<Parameter, 2> synapses(const char* doc_ex, const char* doc_in) {
    return {real("tau_syn_ex", "ms", 2, above(0), doc_ex),
            real("tau_syn_in", "ms", 2, above(0), doc_in)};
}

}  // namespace membrane

// A threshold with a refractory period, counted in Count. Takes t_ref, E_L, V_reset and V_th.
template <class Count>
struct Threshold {
    double threshold, reset;
    Count held;

    Threshold(const Values& p, double dt_ms)
        : threshold(p["V_th"] - p["E_L"]),
          reset(p["V_reset"] - p["E_L"]),
          held(p.ticks_up<Count>("t_ref", dt_ms)) {
        if (p["V_reset"] >= p["V_th"]) throw std::invalid_argument("V_reset has to be below V_th");
    }

    // Where the neuron is free, V goes to next, and it fires from limit on. Returns whether it
    // does.
    SYNFIRE_INLINE bool fire(double next, double limit, double& v, Count& refractory,
                             float& above) const {
        const bool free = refractory == 0;
        const double potential = free ? next : v;
        const bool fired = potential >= limit;
        // A product, since GCC 12 vectorises no loop with one more choice.
        above = static_cast<float>(potential - limit) +
                static_cast<float>(refractory) * far_from_threshold;
        v = fired ? reset : potential;
        refractory = fired ? held : (free ? 0 : refractory - 1);
        return fired;
    }
    // fire, one tick backward: returns dL/dnext, given dL/dspike; v_bar becomes what goes to V
    // beside it.
    SYNFIRE_INLINE static float fire_back(float& v_bar, float& refractory_bar, Count refractory,
                                          float spike_bar, const Moment& at) {
        const float potential_bar = v_bar * (1.0f - at.fired) + at.psi * spike_bar;
        const bool free = refractory == 0;
        v_bar = free ? 0.0f : potential_bar;
        refractory_bar = 0.0f;
        return free ? potential_bar : 0.0f;
    }
};

// A leaky membrane with a constant current and such a threshold.
template <class Count>
struct LeakyMembrane : Threshold<Count> {
    double keeps, drive;  // P; what I_e brings in a tick

    LeakyMembrane(const Values& p, double dt_ms)
        : Threshold<Count>(p, dt_ms),
          keeps(std::exp(-dt_ms / p["tau_m"])),
          drive(finite("I_e / C_m",
                       p["I_e"] / p["C_m"] * propagators::constant(p["tau_m"], dt_ms))) {}

    SYNFIRE_INLINE bool fire(double next, double& v, Count& refractory, float& above) const {
        return Threshold<Count>::fire(next, this->threshold, v, refractory, above);
    }
    // With v_bar now dL/dV before the tick.
    SYNFIRE_INLINE float fire_back(float& v_bar, float& refractory_bar, Count refractory,
                                   const Moment& at) const {
        const float next_bar =
            Threshold<Count>::fire_back(v_bar, refractory_bar, refractory, at.signal, at);
        v_bar += static_cast<float>(keeps) * next_bar;
        return next_bar;
    }
};

}  // namespace synfire::sdk
