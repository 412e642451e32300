// A rule that learns forward in time, for one sample in flight: its learning signals, and its tick
// at every site. Ticks are collected and handed on several at once where that is faster; what has
// been kept of them does not depend on the length of a sample.
#pragma once

#include <span>
#include <vector>

#include "engine/engine.hpp"
#include "learning/feedback.hpp"
#include "learning/site_rules.hpp"
#include "profile/profile.hpp"

namespace synfire {

class ForwardLearning {
  public:
    // Makes the engine keep Psi for as long as it is needed.
    ForwardLearning(const Network& network, const TrainingDescription& training,
                    const FeedbackWeights& weights, Engine& engine, SiteRules& rules);

    // Before the first tick of a sample.
    void begin() { pending_count_ = 0; }
    // The engine's last tick. error: derivative of the loss to the readout's output; empty outside
    // the learning window.
    void add(std::uint32_t tick, std::span<const float> error);
    bool full() const { return pending_count_ == pending_.size(); }
    // Hands the collected ticks to the rule. batch: the readout's signal is error / batch.
    void flush(std::uint32_t batch, Profile* profile);

    std::size_t bytes() const;

  private:
    struct Tick {
        std::uint32_t tick = 0;
        bool in_window = false;
        std::vector<float> error;       // in the window
        std::vector<std::size_t> ends;  // of its part of `arrivals_`, by site
    };
    bool reads_engine(std::size_t site) const;
    std::span<const std::uint32_t> arrivals(std::size_t site, std::uint32_t pending) const;

    Engine& engine_;
    SiteRules& rules_;
    Feedback feedback_;
    std::vector<Tick> pending_;
    std::uint32_t pending_count_ = 0;
    std::vector<std::vector<std::uint32_t>> arrivals_;  // of pending ticks, by site
    std::vector<Feedback::Tick> with_error_;
};

}  // namespace synfire
