// One sample in flight: an engine and the rule's state on every projection that learns. Gradients
// are added to those of a lane.
//
// Order inside a tick: the engine's step; then, inside the learning window, the error at the
// readout (learning/readout.hpp), where there is one that is asked. A rule that learns forward in
// time then gets its learning signals and its tick (learning/forward_learning.hpp). For a rule that
// learns backward the tick is recorded on a tape, which is read backward at the end of the sample,
// or of the stretch that the rule asks for; each stretch has its own loss, and no derivative leaves
// it.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "engine/engine.hpp"
#include "learning/backward_pass.hpp"
#include "learning/event_set.hpp"
#include "learning/flow_error.hpp"
#include "learning/forward_learning.hpp"
#include "learning/input_lookahead.hpp"
#include "learning/readout.hpp"
#include "learning/site_rules.hpp"
#include "learning/spike_counts.hpp"
#include "learning/training_description.hpp"

namespace synfire {

struct SampleOutcome {
    // Mean over the window's ticks, or of the window; where there is a readout that is asked.
    std::optional<double> loss;
    // By the readout, where that decides.
    std::optional<std::uint32_t> prediction;
    // In place of that, how far it is from a true flow of which any pixel counts.
    std::optional<FlowError> flow;
    // Of the neurons that vote, where these decide and nothing was learned.
    std::vector<Response> responses;
    // Population in whose state at the end something is not finite.
    std::optional<std::uint32_t> diverged = std::nullopt;
};

class Learner {
  public:
    Learner(const Network& network, const TrainingDescription& training, const RuleInstances& rules,
            const FeedbackWeights& feedback, std::uint32_t input, Gradients& gradients);
    Learner(const Learner&) = delete;
    Learner& operator=(const Learner&) = delete;

    // How many samples at once make learning faster (present_together).
    static std::size_t samples_at_once(const Network& network);

    // Samples that are presented next without a change of weights: their input may be computed
    // ahead.
    InputLookahead& lookahead() { return lookahead_; }

    // What is taken off the reward of the samples that follow.
    void expect_reward(double expected) { expected_reward_ = static_cast<float>(expected); }

    // Presents a sample from its first to its last tick. batch: how many samples share the
    // gradient; 0: nothing is learned and no neuron silenced.
    SampleOutcome present(const SampleEvents& sample, std::uint32_t batch);

    // The same in steps: begin, then tick for t = 0, 1, ..., then end.
    void begin(const SampleEvents& sample, std::uint32_t batch);
    void tick(std::uint32_t t);
    SampleOutcome end();
    // What the readout has said of a target of values.
    std::vector<float> estimate() const { return readout_->estimate(); }

    const Engine& engine() const { return engine_; }
    // The rule's sites, and its state at one of them.
    const std::vector<RuleSite>& sites() const { return rules_.sites(); }
    const StateColumns& rule_state(std::size_t site) const { return rules_.state(site); }
    // Where to count the spikes that arrive from each source neuron, by projection, of those whose
    // vector is as long as their sources are many; null: nowhere.
    using ArrivalCounts = std::vector<std::vector<std::uint32_t>>;
    void count_arrivals(ArrivalCounts* counts) { arrival_counts_ = counts; }
    // Whom to tell what time is spent on; null: nobody.
    void set_profile(Profile* profile);
    // Loss of the last tick, if it was in the window and each tick has one.
    double tick_loss() const { return readout_->tick_loss(); }

    // Without what adding to the gradients takes, which these count.
    Counters& counters() { return engine_.counters(); }
    // Bytes that learning holds for one sample: the rule's state on every projection, Psi, learning
    // signals, and what is kept for going back through time. Weights, gradients and the optimiser's
    // memory are the same for every rule and are not counted.
    std::size_t learning_state_bytes() const;
    std::size_t neuron_state_bytes() const { return engine_.neuron_state_bytes(); }

  private:
    void silence_neurons();
    void add_kept_changes();
    std::optional<std::uint32_t> find_diverged() const;
    // Whether a tick was the last of a stretch.
    bool ends_stretch(std::uint32_t t) const;
    void step(std::uint32_t t);
    bool close_stretch();
    static void finish_stretch(std::span<Learner* const> learners);

    const Network& network_;
    const TrainingDescription& training_;
    std::uint32_t input_;
    Profile* profile_ = nullptr;
    ArrivalCounts* arrival_counts_ = nullptr;
    Engine engine_;
    InputLookahead lookahead_;
    SiteRules rules_;
    Gradients& gradients_;
    bool writes_weights_ = false;
    std::optional<ForwardLearning> forward_;  // of a rule that learns forward in time
    std::optional<BackwardPass> backward_;    // of one that learns backward
    std::uint32_t horizon_;
    std::optional<Readout> readout_;
    std::optional<SpikeCounts> counts_;  // of the population that votes

    const SampleEvents* sample_ = nullptr;
    std::uint32_t batch_ = 0;
    float expected_reward_ = 0;

    friend void present_together(std::span<Learner* const>, std::span<const SampleEvents* const>,
                                 std::uint32_t, std::span<SampleOutcome>);
};

// Presents a sample of equal length to each of the learners, which share one lane. A rule that
// learns backward then carries derivatives back for all of them at once, so that weights are read
// from afar once for all.
void present_together(std::span<Learner* const> learners,
                      std::span<const SampleEvents* const> samples, std::uint32_t batch,
                      std::span<SampleOutcome> outcomes);

}  // namespace synfire
