#include "learning/site_rules.hpp"

#include <algorithm>

namespace synfire {

RuleInstances::RuleInstances(const Network& network) : sites_(rule_sites(network)) {
    for (const RuleSite& s : sites_) {
        const bool spikes = network.populations()[s.target].description.model->spikes();
        const synfire_rule_site site{sizeof(synfire_rule_site), s.pre_count, s.post_count,
                                     spikes ? 1u : 0u, network.description().dt_ms};
        instances_.push_back(
            std::make_unique<RuleInstance>(s.rule->model->table, s.rule->parameters, site));
    }
}

std::uint32_t RuleInstances::horizon() const {
    std::uint32_t most = 0;
    for (std::size_t s = 0; s < sites_.size(); ++s) {
        if (!sites_[s].rule->model->backward()) continue;
        const std::uint32_t horizon = instances_[s]->horizon();
        if (horizon == 0) return 0;
        most = std::max(most, horizon);
    }
    return most;
}

SiteRules::SiteRules(const RuleInstances& instances, Gradients& gradients)
    : instances_(instances), gradients_(gradients) {
    for (const RuleSite& site : instances.sites())
        states_.emplace_back(*site.rule->model->table->description, site.rule->parameters,
                             StateColumns::Counts{.pre = site.pre_count, .post = site.post_count});
}

void SiteRules::reset() {
    for (StateColumns& state : states_) state.reset();
}

void SiteRules::on_tick(std::size_t site, std::uint32_t t, std::span<const std::uint32_t> arrivals,
                        const float* psi, const float* signal) {
    const synfire_rule_tick tick{sizeof(synfire_rule_tick),
                                 static_cast<std::uint32_t>(arrivals.size()),
                                 t,
                                 arrivals.data(),
                                 psi,
                                 signal};
    synfire_rule_context where = gradients_.context(site, states_[site].columns());
    instances_.of(site).on_tick(where, tick);
}

void SiteRules::end() {
    for (std::size_t site = 0; site < states_.size(); ++site) {
        synfire_rule_context where = gradients_.context(site, states_[site].columns());
        instances_.of(site).on_window_end(where);
    }
}

std::size_t SiteRules::state_bytes() const {
    std::size_t bytes = 0;
    for (const StateColumns& state : states_) bytes += state.bytes();
    return bytes;
}

}  // namespace synfire
