// tsodyks_markram: short-term depression and facilitation (Tsodyks and Markram 1997, PNAS 94(2),
// 719-723; Fuhrmann, Segev, Markram and Tsodyks 2002, J. Neurophysiol. 87(1), 140-148; in the form
// of Maass and Markram 2002, Neural Networks 15(2), 155-161), as NEST's tsodyks2_synapse.
//
// A spike delivers u x of its weight. From one spike of a source to its next, h later:
//
//   x <- 1 + (x - x u - 1) e^(-h / tau_rec)      what is available, 1 at first
//   u <- U + u (1 - U) e^(-h / tau_fac)          what of that is used, U at first
//
// with the x and u of the spike before on the right. Time constants are in ms; tau_fac 0: no
// facilitation, u stays U. State and factors are in double precision.
#include <synfire/math.hpp>
#include <synfire/release.hpp>

namespace {

namespace sdk = synfire::sdk;

class TsodyksMarkram {
  public:
    static constexpr auto id = "tsodyks_markram";
    static constexpr auto version = "1.0.0";
    static constexpr auto doc =
        "Short-term depression and facilitation (Tsodyks and Markram 1997): a spike delivers u x "
        "of its weight; what is available (x) recovers with tau_rec, what of that is used (u) "
        "falls back to U with tau_fac.";
    static constexpr sdk::Parameter parameters[] = {
        sdk::real("U", "", 0.5, sdk::between(0, 1), "what a spike adds to u, of what is left to 1"),
        sdk::real("tau_rec", "ms", 800, sdk::above(0), "time constant of recovery"),
        sdk::real("tau_fac", "ms", 0, sdk::at_least(0), "time constant of facilitation; 0: none"),
    };
    static constexpr sdk::Variable variables[] = {
        sdk::column<double>(SYNFIRE_PER_PRE, "x", 1, "part that is available"),
        sdk::column<double>(SYNFIRE_PER_PRE, "u", 0, "part of it that a spike uses"),
    };

    TsodyksMarkram(const sdk::Values& p, double dt_ms)
        : use_(p["U"]), tau_rec_(p["tau_rec"]), tau_fac_(p["tau_fac"]), dt_(dt_ms) {}

    double release(double& x, double& u, std::uint32_t ticks) const {
        if (ticks == sdk::first_spike) {
            u = use_;
        } else {
            const double h = ticks * dt_;
            x = 1 + (x - x * u - 1) * synfire::math::exp(-h / tau_rec_);
            u = use_ + (tau_fac_ > 0 ? u * (1 - use_) * synfire::math::exp(-h / tau_fac_) : 0);
        }
        return u * x;
    }

  private:
    double use_, tau_rec_, tau_fac_, dt_;
};

}  // namespace

SYNFIRE_RELEASE_PLUGIN(TsodyksMarkram)
