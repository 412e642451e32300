// A release whose factor is infinite at a second spike.
#include <limits>
#include <synfire/release.hpp>

namespace sdk = synfire::sdk;

class NoFactor {
  public:
    static constexpr auto id = "no_factor";
    static constexpr auto version = "1.0.0";
    static constexpr auto doc = "For tests.";
    static constexpr std::array<sdk::Parameter, 0> parameters{};
    static constexpr sdk::Variable variables[] = {
        sdk::column<double>(SYNFIRE_PER_PRE, "x", 1, "what is left")};
    NoFactor(const sdk::Values&, double) {}
    double release(double& x, std::uint32_t ticks) const {
        if (ticks != sdk::first_spike) x = std::numeric_limits<double>::infinity();
        return x;
    }
};
SYNFIRE_RELEASE_PLUGIN(NoFactor)
