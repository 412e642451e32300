// mse: mean squared error of a readout's output, at each tick or of its mean over the window, which
// for spikes is their rate a tick. A class stands for `right` at its output and `wrong` at all
// others.
//
//   loss = 1 / K sum over k of (y_k - target_k)^2,  K outputs (those that a target's mask has)
//   error_k = 2 / K (y_k - target_k)
//
// and with the mean over T ticks in place of y_k, 1 / T of that at each of them.
#include <synfire/loss.hpp>

namespace {

namespace sdk = synfire::sdk;

class Mse {
  public:
    static constexpr auto id = "mse";
    static constexpr auto version = "1.0.0";
    static constexpr auto doc =
        "Mean squared error of the output at each tick of the window, or of its mean, the rate.";
    static constexpr const char* choices[] = {"tick", "mean"};
    static constexpr sdk::Parameter parameters[] = {
        sdk::choice("of", choices, 0, "the output at each tick, or its mean over the window"),
        sdk::real("right", "", 1, sdk::any(),
                  "what the output of the class that is right should be"),
        sdk::real("wrong", "", 0, sdk::any(), "what all others should be"),
    };
    static constexpr bool of_values = true, of_spikes = true, takes_class = true,
                          takes_values = true;

    Mse(const sdk::Values& values, const synfire_loss_site& site)
        : each_tick_(values.chosen("of") == "tick"),
          channels_(site.channels),
          right_(values.real("right")),
          wrong_(values.real("wrong")) {}

    sdk::LossScope scope() const {
        return each_tick_ ? sdk::LossScope::each_tick : sdk::LossScope::of_sum;
    }
    double loss(const sdk::LossWindow& at) const {
        float outputs = 0;
        for (std::uint32_t k = 0; k < at.outputs(); ++k) outputs += counts(at, k) ? 1.0f : 0.0f;
        const float part = each_tick_ ? 1.0f : 1.0f / static_cast<float>(at.ticks());
        float sum = 0;
        for (std::uint32_t k = 0; k < at.outputs(); ++k) {
            at.error(0)[k] = 0;
            if (!counts(at, k)) continue;
            const float target = at.has_class() ? at.target(0, k, right_, wrong_) : at.target(0)[k];
            const float away = part * at.output(0)[k] - target;
            sum += away * away;
            at.error(0)[k] = 2 * part * away / outputs;
        }
        return outputs > 0 ? sum / outputs : 0;
    }

  private:
    bool counts(const sdk::LossWindow& at, std::uint32_t output) const {
        return channels_ == 0 || at.counts(output / channels_);
    }

    bool each_tick_;
    std::uint32_t channels_;
    float right_, wrong_;
};

}  // namespace

SYNFIRE_LOSS_PLUGIN(Mse)
