// The learning rule at every site: its instances, and its state for one sample in flight.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "engine/state.hpp"
#include "learning/gradients.hpp"
#include "learning/rule_site.hpp"
#include "learning/training_description.hpp"
#include "network/network.hpp"

namespace synfire {

// The rule's instances, one a site; shared by all samples in flight.
class RuleInstances {
  public:
    explicit RuleInstances(const Network& network);
    const std::vector<RuleSite>& sites() const { return sites_; }
    const RuleInstance& of(std::size_t site) const { return *instances_[site]; }
    // Ticks that backward rules want to be kept, the most that one does; 0: the whole sample.
    std::uint32_t horizon() const;

  private:
    std::vector<RuleSite> sites_;
    std::vector<std::unique_ptr<RuleInstance>> instances_;
};

class SiteRules {
  public:
    // gradients: what the rule adds to, of the same sites.
    SiteRules(const RuleInstances& instances, Gradients& gradients);

    const std::vector<RuleSite>& sites() const { return instances_.sites(); }
    // Before the first tick of a sample.
    void reset();
    // One tick of a site. psi and signal as in synfire_rule_tick.
    void on_tick(std::size_t site, std::uint32_t tick, std::span<const std::uint32_t> arrivals,
                 const float* psi, const float* signal);
    // After the last tick of a sample.
    void end();

    const StateColumns& state(std::size_t site) const { return states_[site]; }
    std::size_t state_bytes() const;

  private:
    const RuleInstances& instances_;
    Gradients& gradients_;
    std::vector<StateColumns> states_;  // by site
};

}  // namespace synfire
