// Where a rule learns: a projection, or several onto one population that the rule sees as one
// (SYNFIRE_RULE_JOINS in abi.h), the source neurons of each numbered after those of the one before.
// What the rule does for the target neurons is then done once.
#pragma once

#include <cstdint>
#include <span>
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
    const RuleChoice* rule = nullptr;
    std::uint32_t pre_count = 0, post_count = 0;
    // A rule that learns backward sees neurons that tell signs apart as two each: first, for
    // weights that are not below 0, all of them, padded as a row is; then, for those below 0,
    // again.
    bool by_sign = false;

    // Writes the spikes that arrive at one tick from place `at` of an array on, which grows where
    // it is too short, as the site numbers its sources; returns where they end. of(projection):
    // those that arrive there.
    template <class Of>
    std::size_t write_arrivals(std::vector<std::uint32_t>& array, std::size_t at, Of&& of) const {
        for (const Member& member : members) {
            const std::span<const std::uint32_t> spikes = of(member.projection);
            if (array.size() < at + spikes.size()) array.resize(at + spikes.size());
            number(spikes, member.first, array.data() + at);
            at += spikes.size();
        }
        return at;
    }

  private:
    // to[k] = first + spikes[k]
    static void number(std::span<const std::uint32_t> spikes, std::uint32_t first,
                       std::uint32_t* to);
};

// Every projection that learns by a rule that writes a gradient is a member of one site. Sites come
// in the order of their first projections.
std::vector<RuleSite> rule_sites(const Network& network);

}  // namespace synfire
