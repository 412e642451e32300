// What the output of one sample says at the readout: the class of the largest sum over all ticks,
// the loss of the window, and the loss's derivative, the error that rules which follow a gradient
// are given.
//
// Where the loss is that of a sum, each stretch that a rule is given back at once has its own; with
// `so_far` the error of a tick is that of the sum until then.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "learning/training_description.hpp"

namespace synfire {

class Readout {
  public:
    // Refers to the description for as long as it lives.
    Readout(const TrainingDescription& training, std::uint32_t outputs);

    // Of a network that is tested by its readout, or that learns from it.
    static bool used(const TrainingDescription& training, const NetworkDescription& network);

    void begin(std::uint32_t label, std::uint32_t ticks);
    // The outputs of ticks 0, 1, ...
    void see(std::uint32_t t, std::span<const float> output, bool so_far);
    bool in_window(std::uint32_t t) const { return ticks_ - t <= training_.window; }
    // A stretch ends before tick `end`. Returns its first tick in the window, if it has one; error
    // is then that of all of them where the loss is that of a sum.
    std::optional<std::int64_t> end_stretch(std::int64_t end);

    // p - onehot, as many as outputs.
    std::span<const float> error() const { return error_; }
    std::uint32_t prediction() const;
    // The mean over the window's ticks, or stretches.
    double mean_loss() const { return losses_ > 0 ? loss_ / losses_ : 0.0; }
    // Of the last tick, where each has one.
    double tick_loss() const { return tick_loss_; }

  private:
    void note_loss(double loss);

    const TrainingDescription& training_;
    std::vector<float> output_sum_, window_sum_, error_;
    std::uint32_t label_ = 0, ticks_ = 0;
    std::int64_t stretch_ = 0;  // its first tick
    std::uint32_t losses_ = 0;
    double loss_ = 0, tick_loss_ = 0;
};

}  // namespace synfire
