// @ID@: how far each output is from what it should be, at each tick. Say here what yours is: its
// equations, and where they are from.
//
//   loss = sum over t and k of |output_k[t] - target_k[t]|
#include <cmath>
#include <synfire/loss.hpp>

namespace {

namespace sdk = synfire::sdk;

class @CLASS@ {
  public:
    // What an experiment says: "loss": "@ID@". Results record the version; raise it when they
    // change.
    static constexpr auto id = "@ID@";
    static constexpr auto version = "0.1.0";
    static constexpr auto doc = "How far each output is from what it should be, at each tick.";

    // Name, unit, default, allowed range, one line: the JSON schema, error messages and
    // `synfire plugins` are made of these.
    static constexpr sdk::Parameter parameters[] = {
        sdk::real("right", "", 1, sdk::any(), "what the right output should be; others 0")};
    // Which readouts it can judge: those that never spike, of_spikes those that do.
    static constexpr bool of_values = true;
    // Which targets: the number of an output, and a value an output and tick.
    static constexpr bool takes_class = true, takes_values = true;

    // Made once for a readout, and never changed after. Whatever is wrong with a combination of
    // parameters: throw std::invalid_argument, and the user reads your words.
    @CLASS@(const sdk::Values& values, const synfire_loss_site&) : right_(values.real("right")) {}

    // What it looks at: each tick by itself, the sum over the window, or the whole window, of
    // which rows() then are the ticks.
    sdk::LossScope scope() const { return sdk::LossScope::each_tick; }

    // The loss; fills error(row) with its derivative to each output, which learning follows.
    double loss(const sdk::LossWindow& window) const {
        double sum = 0;
        for (std::uint32_t k = 0; k < window.outputs(); ++k) {
            const float away = window.output(0)[k] - window.target(0, k, right_, 0);
            sum += std::fabs(away);
            window.error(0)[k] = static_cast<float>((away > 0) - (away < 0));
        }
        return sum;
    }

  private:
    float right_;
};

}  // namespace

SYNFIRE_LOSS_PLUGIN(@CLASS@)
