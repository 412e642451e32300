// What the readout of one sample says: the class of the largest sum of its output over all ticks,
// and to the loss (loss.hpp) what it says in the window. Its output is its neurons' first variable
// or, where they spike, who fired.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "engine/engine.hpp"
#include "learning/loss.hpp"
#include "learning/training_description.hpp"

namespace synfire {

class Readout {
  public:
    Readout(const NetworkDescription& network, const TrainingDescription& training);

    // Of a network that is tested by its readout, or that learns from it.
    static bool used(const TrainingDescription& training, const NetworkDescription& network);

    void begin(const SampleEvents& sample);
    // What it says at the engine's last tick, which is the sample's tick t; one after the other.
    // wants_error: whether error() is asked for before the stretch is over.
    void see(std::uint32_t t, const Engine& engine, bool wants_error);
    bool in_window(std::uint32_t t) const { return ticks_ - t <= window_; }
    // A stretch ends before tick `end`: as WindowLoss::close. Whether it had a tick of the window.
    template <class SetError>
    bool close_stretch(std::int64_t end, bool wants_errors, SetError&& set_error) {
        loss_.close(wants_errors, set_error);
        return std::int64_t{ticks_} - end < window_;
    }

    // Whether each tick has a loss of its own.
    bool each_tick() const { return loss_.each_tick(); }
    std::span<const float> error() const { return loss_.error(); }
    std::uint32_t prediction() const { return argmax(output_sum_); }
    std::vector<float> estimate() const { return loss_.estimate(); }
    double mean_loss() const { return loss_.mean(); }
    double tick_loss() const { return loss_.tick_loss(); }
    // What the loss holds of outputs and errors beside those of one tick.
    std::size_t loss_bytes() const { return loss_.bytes(); }

  private:
    WindowLoss loss_;
    std::uint32_t population_, window_, ticks_ = 0;
    std::vector<float> output_sum_;
    std::vector<float> fired_;  // where neurons spike: 1 or 0 each
};

}  // namespace synfire
