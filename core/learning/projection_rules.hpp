// The learning rule on every projection that learns: its instances, and for one sample in flight
// its state and the gradients that it adds to.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "engine/state.hpp"
#include "learning/training_description.hpp"
#include "network/network.hpp"
#include "profile/counters.hpp"

namespace synfire {

// Gradients of one projection with respect to the weights it uses and its bias, summed over samples
// and ticks. Empty where the projection does not learn.
struct ProjectionGradient {
    Matrix weights, bias;

    void clear();
};

// The rule's instances, one a projection that learns; shared by all samples in flight.
class RuleInstances {
  public:
    RuleInstances(const Network& network, const TrainingDescription& training);
    // Null where the projection does not learn.
    const RuleInstance* of(std::uint32_t projection) const { return instances_[projection].get(); }
    // Ticks that a backward rule wants to be kept; 0: the whole sample.
    std::uint32_t horizon() const;

  private:
    std::vector<std::unique_ptr<RuleInstance>> instances_;
};

class ProjectionRules {
  public:
    // counters: where multiply-accumulates of learning are counted.
    ProjectionRules(const Network& network, const TrainingDescription& training,
                    const RuleInstances& instances, Counters& counters);
    ProjectionRules(const ProjectionRules&) = delete;
    ProjectionRules& operator=(const ProjectionRules&) = delete;

    bool learns(std::uint32_t projection) const { return states_[projection] != nullptr; }
    // Before the first tick of a sample.
    void reset();
    // One tick of a projection that learns. psi and signal as in synfire_rule_tick.
    void on_tick(std::uint32_t projection, std::uint32_t tick,
                 std::span<const std::uint32_t> arrivals, const float* psi, const float* signal);
    // After the last tick of a sample.
    void end();

    // Adds what still waits to the gradients.
    void flush();
    std::vector<ProjectionGradient>& gradients() { return gradients_; }
    const StateColumns& state(std::uint32_t projection) const { return *states_[projection]; }
    std::size_t state_bytes() const;
    // Of the gradients, and of the rows that wait to be added to them, whatever the rule.
    std::size_t gradient_bytes() const;

  private:
    // First argument of the rule's primitives.
    struct Target {
        const Topology* topology = nullptr;
        ProjectionGradient* gradient = nullptr;
        Counters* counters = nullptr;
        std::optional<GradientRows> waiting;  // none where the projection does not learn

        void flush();
    };
    static const synfire_rule_primitives primitives_;
    static void add_row(void* target, const std::uint32_t* sources, std::uint32_t count,
                        const float* row);
    static void add_outer(void* target, const float* scale, const float* row);
    static void add_bias(void* target, const float* post);
    static float* new_row(void* target);
    synfire_rule_context context(std::uint32_t projection);

    const RuleInstances& instances_;
    std::vector<std::unique_ptr<StateColumns>> states_;  // by projection
    std::vector<ProjectionGradient> gradients_;
    std::vector<Target> targets_;
};

}  // namespace synfire
