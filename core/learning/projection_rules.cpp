#include "learning/projection_rules.hpp"

namespace synfire {

RuleInstances::RuleInstances(const Network& network, const TrainingDescription& training)
    : instances_(network.projections().size()) {
    for (std::size_t p = 0; p < instances_.size(); ++p) {
        const Projection& projection = network.projections()[p];
        if (!projection.learn) continue;
        const bool spikes = network.populations()[projection.target].description.model->spikes();
        const synfire_rule_site site{sizeof(synfire_rule_site), projection.topology->pre_count(),
                                     projection.topology->post_count(), spikes ? 1u : 0u,
                                     network.description().dt_ms};
        instances_[p] =
            std::make_unique<RuleInstance>(training.rule->table, training.rule_parameters, site);
    }
}

std::uint32_t RuleInstances::horizon() const {
    for (const auto& instance : instances_)
        if (instance) return instance->horizon();
    return 0;
}

ProjectionRules::ProjectionRules(const Network& network, const TrainingDescription& training,
                                 const RuleInstances& instances, Gradients& gradients)
    : instances_(instances), gradients_(gradients), states_(network.projections().size()) {
    for (std::size_t p = 0; p < states_.size(); ++p) {
        const Projection& projection = network.projections()[p];
        if (!projection.learn) continue;
        const Topology& topology = *projection.topology;
        states_[p] = std::make_unique<StateColumns>(
            *training.rule->table->description, training.rule_parameters,
            StateColumns::Counts{.pre = topology.pre_count(), .post = topology.post_count()});
    }
}

void ProjectionRules::reset() {
    for (const auto& state : states_)
        if (state) state->reset();
}

void ProjectionRules::on_tick(std::uint32_t projection, std::uint32_t t,
                              std::span<const std::uint32_t> arrivals, const float* psi,
                              const float* signal) {
    const synfire_rule_tick tick{sizeof(synfire_rule_tick),
                                 static_cast<std::uint32_t>(arrivals.size()),
                                 t,
                                 arrivals.data(),
                                 psi,
                                 signal};
    synfire_rule_context where = gradients_.context(projection, states_[projection]->columns());
    instances_.of(projection)->on_tick(where, tick);
}

void ProjectionRules::end() {
    for (std::uint32_t p = 0; p < states_.size(); ++p)
        if (states_[p]) {
            synfire_rule_context where = gradients_.context(p, states_[p]->columns());
            instances_.of(p)->on_window_end(where);
        }
}

std::size_t ProjectionRules::state_bytes() const {
    std::size_t bytes = 0;
    for (const auto& state : states_)
        if (state) bytes += state->bytes();
    return bytes;
}

}  // namespace synfire
