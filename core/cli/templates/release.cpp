// @ID@: each spike uses half of what is left, which recovers. Say here what yours is: its
// equations, and where they are from.
//
//   before a spike, t after the last one:  x = 1 - (1 - x / 2) e^(-t / tau);  it delivers x / 2
#include <synfire/math.hpp>
#include <synfire/release.hpp>

namespace {

namespace sdk = synfire::sdk;

class @CLASS@ {
  public:
    // What a projection says: "release": "@ID@". Results record the version; raise it when they
    // change.
    static constexpr auto id = "@ID@";
    static constexpr auto version = "0.1.0";
    static constexpr auto doc = "Each spike uses half of what is left, which recovers.";

    // Name, unit, default, allowed range, one line: the JSON schema, error messages and
    // `synfire plugins` are made of these.
    static constexpr sdk::Parameter parameters[] = {
        sdk::real("tau", "ms", 200, sdk::above(0), "time constant of recovery")};
    // Doubles, one a source, which the host owns and sets back for each sample.
    static constexpr sdk::Variable variables[] = {
        sdk::column<double>(SYNFIRE_PER_PRE, "x", 1, "what is left")};

    // Made once for a projection, and never changed after. Whatever is wrong with a combination of
    // parameters: throw std::invalid_argument, and the user reads your words.
    @CLASS@(const sdk::Values& values, double dt_ms) : rate_(dt_ms / values["tau"]) {}

    // A spike of one source, so many ticks after its last one: the part of the weight that it
    // delivers.
    double release(double& x, std::uint32_t ticks) const {
        if (ticks != sdk::first_spike) x = 1 - (1 - x / 2) * synfire::math::exp(-rate_ * ticks);
        return x / 2;
    }

  private:
    double rate_;
};

}  // namespace

SYNFIRE_RELEASE_PLUGIN(@CLASS@)
