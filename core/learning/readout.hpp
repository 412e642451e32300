// What the readout of one sample says: the class of the largest sum of its output over all ticks,
// and to the loss (loss.hpp) what it, and each head, says in the window. Its output is its neurons'
// first variable or, where they spike, who fired. Errors are those of the readout, then of each
// head; losses are added up.
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
    // A stretch ends before tick `end`: where ticks have no losses of their own,
    // set_error(tick, error) for each of it that is in the window, if errors are wanted. Whether
    // there was one in the window.
    template <class SetError>
    bool close_stretch(std::int64_t end, bool wants_errors, SetError&& set_error) {
        std::uint32_t ticks = 0;
        for (Judged& one : judged_) ticks = one.loss.close();
        for (std::uint32_t t = 0; wants_errors && t < ticks; ++t) {
            for (const Judged& one : judged_) put_error(one, one.loss.error_of(t));
            set_error(judged_.front().loss.first_tick() + t, std::span<const float>(error_));
        }
        return std::int64_t{ticks_} - end < window_;
    }

    // Whether each tick has a loss of its own.
    bool each_tick() const { return judged_.front().loss.each_tick(); }
    // At the last tick seen.
    std::span<const float> error() const { return error_; }
    std::uint32_t prediction() const { return argmax(output_sum_); }
    std::vector<float> estimate() const { return judged_.front().loss.estimate(); }
    double mean_loss() const { return sum(&WindowLoss::mean); }
    double tick_loss() const { return sum(&WindowLoss::tick_loss); }
    // What the loss holds of outputs and errors beside those of one tick.
    std::size_t loss_bytes() const;

  private:
    struct Judged {
        JudgedOutput output;
        WindowLoss loss;
        std::vector<float> fired;  // where neurons spike: 1 or 0 each
    };
    std::span<const float> output(Judged& one, const Engine& engine) const;
    void put_error(const Judged& one, std::span<const float> error);
    double sum(double (WindowLoss::*of)() const) const;

    std::vector<Judged> judged_;  // the readout first
    std::uint32_t window_, ticks_ = 0;
    std::vector<float> output_sum_, error_;
};

}  // namespace synfire
