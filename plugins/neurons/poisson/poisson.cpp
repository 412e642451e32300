// poisson: a source that fires at random, each neuron by itself, at most once a tick; the chance of
// at least one event of a Poisson process in a tick is 1 - exp(-rate dt).
#include <array>
#include <cmath>
#include <synfire/neuron.hpp>

namespace {

namespace sdk = synfire::sdk;

class Poisson : public sdk::Neuron<> {
  public:
    static constexpr auto id = "poisson";
    static constexpr auto version = "1.0.0";
    static constexpr auto doc = "Source of independent Poisson spike trains.";
    static constexpr bool draws = true;
    static constexpr sdk::Parameter parameters[] = {
        sdk::real("rate_hz", "Hz", 10, sdk::at_least(0), "events a second of each neuron"),
    };
    static constexpr std::array<sdk::Variable, 0> variables{};

    Poisson(const sdk::Values& p, double dt_ms)
        : below_(static_cast<std::uint32_t>(
              std::fmin(-std::expm1(-p["rate_hz"] * dt_ms / 1000) * 0x1p32, 0x1p32 - 1))) {}

    SYNFIRE_INLINE bool advance(std::uint32_t bits, float&) const { return bits < below_; }

  private:
    std::uint32_t below_;
};

}  // namespace

SYNFIRE_NEURON_PLUGIN(Poisson)
