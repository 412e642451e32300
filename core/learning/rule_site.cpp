#include "learning/rule_site.hpp"

#include <algorithm>

#include "synfire/simd.hpp"

namespace synfire {

std::vector<RuleSite> rule_sites(const Network& network) {
    const auto& descriptions = network.description().projections;
    // Their rows stand for source neurons alike only where each has a row of the weights to itself.
    auto joins = [&](std::uint32_t p) {
        return descriptions[p].training_rule->model->joins() &&
               network.projections()[p].topology->has_row_per_source();
    };
    auto same = [](const RuleChoice& a, const RuleChoice& b) {
        return a.model == b.model && a.parameters == b.parameters;
    };
    std::vector<RuleSite> sites;
    for (std::uint32_t p = 0; p < network.projections().size(); ++p) {
        const Projection& projection = network.projections()[p];
        if (!follows_gradient(descriptions[p])) continue;
        const RuleChoice& rule = *descriptions[p].training_rule;
        auto site = std::ranges::find_if(sites, [&](const RuleSite& s) {
            return s.target == projection.target && same(*s.rule, rule) && joins(p) &&
                   joins(s.members.front().projection);
        });
        if (site == sites.end()) {
            const NeuronModel& target = *network.populations()[projection.target].description.model;
            const bool by_sign = target.input_is_signed() && rule.model->backward();
            const std::uint32_t count = projection.topology->post_count();
            const std::uint32_t seen =
                by_sign ? 2 * static_cast<std::uint32_t>(padded(count)) : count;
            site = sites.insert(site, {{}, projection.target, &rule, 0, seen, by_sign});
        }
        site->members.push_back({p, site->pre_count});
        site->pre_count += projection.topology->pre_count();
    }
    return sites;
}

void RuleSite::number(std::span<const std::uint32_t> spikes, std::uint32_t first,
                      std::uint32_t* __restrict to) {
    if (first == 0) return static_cast<void>(std::ranges::copy(spikes, to));
    simd::run([=]() SYNFIRE_INLINE_LAMBDA {
        for (std::size_t k = 0; k < spikes.size(); ++k) to[k] = first + spikes[k];
    });
}

}  // namespace synfire
