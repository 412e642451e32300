// Where a rule learns: a projection, or several onto one population that the rule sees as one
// (SYNFIRE_RULE_JOINS in abi.h), the source neurons of each numbered after those of the one before.
// What the rule does for the target neurons is then done once.
#pragma once

#include <cstdint>
#include <vector>

#include "learning/training_description.hpp"
#include "network/network.hpp"

namespace synfire {

struct RuleSite {
    struct Member {
        std::uint32_t projection;
        std::uint32_t first;  // number of its source neuron 0
    };
    std::vector<Member> members;  // by projection
    std::uint32_t target = 0;     // population
    std::uint32_t pre_count = 0, post_count = 0;
};

// Every projection that learns is a member of one site. Sites come in the order of their first
// projections.
std::vector<RuleSite> rule_sites(const Network& network, const TrainingDescription& training);

}  // namespace synfire
