// One sample in flight: an engine, the state of the rule on every projection that learns, and the
// gradient that it adds to. Its memory does not depend on the length of a sample, except for rules
// that say so themselves.
//
// Order inside a tick: the engine's step; then, inside the learning window, the error at the output
// and the learning signals; then the rule on each projection, in their order.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "engine/engine.hpp"
#include "learning/event_set.hpp"
#include "learning/feedback.hpp"
#include "learning/training_description.hpp"

namespace synfire {

// Gradients of one projection with respect to the weights it uses and its bias, summed over samples
// and ticks. Empty where the projection does not learn.
struct ProjectionGradient {
    Matrix weights, bias;

    void clear();
};

// The rule's instances, one a projection that learns; shared by all learners of a training.
class RuleInstances {
  public:
    RuleInstances(const Network& network, const TrainingDescription& training);
    // Null where the projection does not learn.
    const RuleInstance* of(std::uint32_t projection) const {
        return instances_[projection] ? instances_[projection].get() : nullptr;
    }

  private:
    std::vector<std::unique_ptr<RuleInstance>> instances_;
};

struct SampleOutcome {
    double loss = 0;  // mean over the window's ticks
    std::uint32_t prediction = 0;
};

class Learner {
  public:
    Learner(const Network& network, const TrainingDescription& training, const RuleInstances& rules,
            const FeedbackWeights& feedback, std::uint32_t input);
    Learner(const Learner&) = delete;
    Learner& operator=(const Learner&) = delete;

    // Presents a sample from its first to its last tick. batch: how many samples share the
    // gradient; 0: nothing is learned.
    SampleOutcome present(const SampleEvents& sample, std::uint32_t batch);

    // The same in steps: begin, then tick for t = 0, 1, ..., then end.
    void begin(const SampleEvents& sample, std::uint32_t batch);
    void tick(std::uint32_t t);
    SampleOutcome end();

    std::vector<ProjectionGradient>& gradients() { return gradients_; }
    const Engine& engine() const { return engine_; }
    // The rule's state on a projection that learns.
    const StateColumns& rule_state(std::uint32_t projection) const { return *states_[projection]; }
    // Loss of the last tick, if it was in the window.
    double tick_loss() const { return tick_loss_; }
    // Softmax of the output at the last tick of the window.
    std::span<const float> probabilities() const { return probabilities_; }

    Counters& counters() { return engine_.counters(); }
    // Bytes that learning holds for one sample: the rule's state on every projection, Psi and the
    // learning signals. Weights, gradients and the optimiser's memory are the same for every rule
    // and are not counted.
    std::size_t learning_state_bytes() const;
    std::size_t gradient_bytes() const;
    std::size_t neuron_state_bytes() const { return engine_.neuron_state_bytes(); }

  private:
    // First argument of the rule's primitives.
    struct Target {
        const Topology* topology;
        ProjectionGradient* gradient;
        Counters* counters;
    };
    static const synfire_rule_primitives primitives_;
    static void add_rows(void* target, const std::uint32_t* mask, const float* rows,
                         std::size_t stride, const float* carry_scale, const float* carry);
    static void add_bias(void* target, const float* post);

    void form_signals();
    void run_rules(std::uint32_t t, bool signalled);
    synfire_rule_context context(std::uint32_t projection);

    const Network& network_;
    const TrainingDescription& training_;
    const RuleInstances& rules_;
    std::uint32_t input_;
    Engine engine_;
    Feedback feedback_;
    std::vector<std::unique_ptr<StateColumns>> states_;  // by projection
    std::vector<ProjectionGradient> gradients_;
    std::vector<Target> targets_;
    std::vector<float> output_sum_, probabilities_, error_;

    const SampleEvents* sample_ = nullptr;
    std::uint32_t batch_ = 0;
    double loss_ = 0, tick_loss_ = 0;
};

}  // namespace synfire
