// The learning rule on every projection that learns: its instances, and its state for one sample in
// flight.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "engine/state.hpp"
#include "learning/gradients.hpp"
#include "learning/training_description.hpp"
#include "network/network.hpp"

namespace synfire {

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
    // gradients: what the rule adds to.
    ProjectionRules(const Network& network, const TrainingDescription& training,
                    const RuleInstances& instances, Gradients& gradients);

    bool learns(std::uint32_t projection) const { return states_[projection] != nullptr; }
    // Before the first tick of a sample.
    void reset();
    // One tick of a projection that learns. psi and signal as in synfire_rule_tick.
    void on_tick(std::uint32_t projection, std::uint32_t tick,
                 std::span<const std::uint32_t> arrivals, const float* psi, const float* signal);
    // After the last tick of a sample.
    void end();

    const StateColumns& state(std::uint32_t projection) const { return *states_[projection]; }
    std::size_t state_bytes() const;

  private:
    const RuleInstances& instances_;
    Gradients& gradients_;
    std::vector<std::unique_ptr<StateColumns>> states_;  // by projection
};

}  // namespace synfire
