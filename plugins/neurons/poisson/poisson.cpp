// poisson: a source that fires at random, each neuron by itself and of its past, at most once a
// tick.
//
//   P(spike in a tick) = rate_hz dt, to 64 bits, so the mean rate is rate_hz whatever the tick
//
// A Poisson process may have several events in a tick; what this one lacks of its variance is the
// chance itself, 1 % of it at 100 Hz and a tick of 0.1 ms. Rates above one event a tick are
// refused.
#include <array>
#include <stdexcept>
#include <synfire/neuron.hpp>

namespace {

namespace sdk = synfire::sdk;

class Poisson : public sdk::Neuron<> {
  public:
    static constexpr auto id = "poisson";
    static constexpr auto version = "2.0.0";
    static constexpr auto doc =
        "Source of independent Poisson spike trains, at most one spike a tick.";
    static constexpr bool draws = true;
    static constexpr sdk::Parameter parameters[] = {
        sdk::real("rate_hz", "Hz", 10, sdk::at_least(0),
                  "mean spikes a second of each neuron, at most one a tick: 1000 / dt_ms"),
    };
    static constexpr std::array<sdk::Variable, 0> variables{};

    Poisson(const sdk::Values& p, double dt_ms) {
        const double a_tick = p["rate_hz"] * dt_ms / 1000;
        if (a_tick > 1 + 1e-12)
            throw std::invalid_argument(
                "rate_hz is above one spike a tick, which is the most that a source "
                "fires; at most " +
                sdk::text(1000 / dt_ms) + " Hz are allowed with this dt_ms");
        chance_ = synfire::random::Chance(a_tick);
    }

    SYNFIRE_INLINE bool advance(std::uint32_t bits, std::uint32_t shared, float&) const {
        return chance_.happens(bits, shared);
    }

  private:
    synfire::random::Chance chance_;
};

}  // namespace

SYNFIRE_NEURON_PLUGIN(Poisson)
