// Exact integration of linear equations over one tick (Rotter and Diesmann 1999): what a current
// that decays brings to a leaky membrane, V' = -V / tau_m + I / C, of C = 1.
//
// Every form is finite for all positive time constants, however far from dt and from each other,
// and keeps its digits where they meet.
#pragma once

#include <algorithm>
#include <cmath>

namespace synfire::propagators {

// The integral of e^-(dt - s) / tau_m over a tick: what a constant current of 1 brings.
inline double constant(double tau_m, double dt) {
    return tau_m * -std::expm1(-dt / tau_m);
}

// The integral of e^-(dt - s) / tau_m e^-s / tau_s: a current of 1 that decays. It is symmetric;
// the larger time constant is taken out, so that no factor can overflow.
inline double exponential(double tau_m, double tau_s, double dt) {
    const double slow = std::max(tau_m, tau_s), fast = std::min(tau_m, tau_s);
    const double rate = 1 / fast - 1 / slow;
    const double integral = rate * dt < 1e-17 ? dt : -std::expm1(-rate * dt) / rate;
    return std::exp(-dt / slow) * integral;
}

// The integral of e^-(dt - s) / tau_m s e^-s / tau_s: the rise of an alpha-shaped current.
inline double ramp(double tau_m, double tau_s, double dt) {
    const double x = (1 / tau_s - 1 / tau_m) * dt, size = std::fabs(x);
    // Up to 1e-2 by series, since what is left of the differences has few digits.
    if (x >= 0) {  // (1 - e^-x (1 + x)) / x^2
        const double form = size < 1e-2 ? 0.5 - x / 3 + x * x / 8 - x * x * x / 30 +
                                              x * x * x * x / 144 - x * x * x * x * x / 840
                                        : (-std::expm1(-x) / x - std::exp(-x)) / x;
        return std::exp(-dt / tau_m) * form * dt * dt;
    }
    const double form =  // (e^-y - 1 + y) / y^2, y = -x
        size < 1e-2 ? 0.5 - size / 6 + size * size / 24 - size * size * size / 120 +
                          size * size * size * size / 720
                    : (std::expm1(-size) / size + 1) / size;
    return std::exp(-dt / tau_s) * form * dt * dt;
}

}  // namespace synfire::propagators
