// The loss of one sample in flight: what the readout says in the learning window, and what the loss
// plugin (synfire_loss in abi.h) makes of it. A sample has one window, or one part of it in each
// stretch that a rule which learns backward asks for; the loss of a sample is the mean of those of
// its ticks, where each has one, or of its stretches.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "learning/coarse_target.hpp"
#include "learning/event_set.hpp"
#include "learning/training_description.hpp"
#include "plugins/instance.hpp"

namespace synfire {

// The loss of one of the populations that it judges. Throws PluginError where the plugin refuses
// its parameters.
LossInstance make_loss(const NetworkDescription& network, const TrainingDescription& training,
                       std::uint32_t population);

// Throws InputError, with the place below `pointer`.
void check_loss(const NetworkDescription& network, const TrainingDescription& training,
                const std::string& pointer);

class WindowLoss {
  public:
    WindowLoss(const NetworkDescription& network, const TrainingDescription& training,
               std::uint32_t population);

    // Before a sample, which has to live on.
    void begin(const SampleEvents& sample);
    // A tick of the window, one after the other; wants_error: whether error() is asked for before
    // the stretch is over.
    void see(std::int64_t tick, std::span<const float> output, bool wants_error);
    // Whether each tick has a loss of its own.
    bool each_tick() const { return loss_.scope() == SYNFIRE_LOSS_EACH_TICK; }
    // Derivative to the output of the last tick seen: of its loss, or of that of the window up to
    // it.
    std::span<const float> error() const { return last_error_; }
    // The stretch is over: where ticks have no losses of their own, each that has been seen in it
    // has its error now. Returns how many have.
    std::uint32_t close();
    // The first of these, and the error of the one so many ticks later.
    std::int64_t first_tick() const { return first_; }
    std::span<const float> error_of(std::uint32_t tick) const;

    // Of the last tick, where it has one.
    double tick_loss() const { return tick_loss_; }
    // What the readout says of a target of values: its output at the last tick, or the mean over
    // the window where the loss looks at that.
    std::vector<float> estimate() const;
    double mean() const { return losses_ > 0 ? sum_ / losses_ : 0.0; }
    // What it holds of outputs and errors beside those of one tick.
    std::size_t bytes() const;

  private:
    double evaluate();

    LossInstance loss_;
    std::size_t outputs_;
    bool takes_events_;
    std::optional<CoarseTarget> coarse_;  // of a head
    const SampleEvents* sample_ = nullptr;
    std::vector<std::uint32_t> event_ticks_;  // where it takes events
    // Of the window so far: its first tick and number of ticks; outputs, and errors, a row a tick
    // or, of a loss of one row, of the tick or the sum.
    std::int64_t first_ = 0;
    std::uint32_t ticks_ = 0, seen_ = 0;  // of the stretch; the same also once it is over
    std::vector<float> output_, error_;
    std::span<const float> last_error_;
    double sum_ = 0, tick_loss_ = 0;
    std::uint32_t losses_ = 0;
};

// The index of the largest value, the first of equals.
std::uint32_t argmax(std::span<const float> values);

}  // namespace synfire
