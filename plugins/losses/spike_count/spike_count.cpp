// spike_count: mean squared error between how often each neuron of a readout that spikes has fired
// in the window and how often it should, as in SLAYER (Shrestha and Orchard, NeurIPS 2018) and
// snnTorch's mse_count_loss.
//
//   loss = 1 / K sum over k of (n_k - N_k)^2,  K outputs        error_k = 2 / K (n_k - N_k)
//
// n_k: spikes of neuron k; N_k: `right` for the class that is right and `wrong` for the others, or
// the sum of target values; of part of a window, that part of it.
#include <synfire/loss.hpp>

namespace {

namespace sdk = synfire::sdk;

class SpikeCount {
  public:
    static constexpr auto id = "spike_count";
    static constexpr auto version = "1.0.0";
    static constexpr auto doc =
        "Mean squared error of the numbers of spikes in the window, of a readout that spikes.";
    static constexpr sdk::Parameter parameters[] = {
        sdk::real("right", "spikes", 10, sdk::at_least(0),
                  "of the neuron of the class that is right, in the whole window"),
        sdk::real("wrong", "spikes", 0, sdk::at_least(0), "of every other neuron"),
    };
    static constexpr bool of_spikes = true, takes_class = true, takes_values = true;

    SpikeCount(const sdk::Values& values, const synfire_loss_site& site)
        : right_(values.real("right")),
          wrong_(values.real("wrong")),
          window_(static_cast<float>(site.window_ticks)) {
        for (const char* name : {"right", "wrong"})
            if (values[name] > site.window_ticks)
                throw std::invalid_argument(
                    std::string(name) + " is " + sdk::text(values[name]) +
                    " spikes, and a neuron fires once in each of the window's " +
                    std::to_string(site.window_ticks) + " ticks at most");
        if (right_ <= wrong_) throw std::invalid_argument("right has to be more spikes than wrong");
    }

    sdk::LossScope scope() const { return sdk::LossScope::of_sum; }
    double loss(const sdk::LossWindow& at) const {
        const auto outputs = static_cast<float>(at.outputs());
        const float part = static_cast<float>(at.ticks()) / window_;
        float sum = 0;
        for (std::uint32_t k = 0; k < at.outputs(); ++k) {
            const float away = at.output(0)[k] - at.target(0, k, part * right_, part * wrong_);
            sum += away * away;
            at.error(0)[k] = 2 * away / outputs;
        }
        return sum / outputs;
    }

  private:
    float right_, wrong_, window_;
};

}  // namespace

SYNFIRE_LOSS_PLUGIN(SpikeCount)
