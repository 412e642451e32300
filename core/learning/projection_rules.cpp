#include "learning/projection_rules.hpp"

#include <algorithm>

namespace synfire {

void ProjectionGradient::clear() {
    std::ranges::fill(weights.data, 0.0f);
    std::ranges::fill(bias.data, 0.0f);
}

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
                                 const RuleInstances& instances, Counters& counters)
    : instances_(instances),
      states_(network.projections().size()),
      gradients_(network.projections().size()),
      targets_(network.projections().size()) {
    for (std::size_t p = 0; p < states_.size(); ++p) {
        const Projection& projection = network.projections()[p];
        if (!projection.learn) continue;
        const Topology& topology = *projection.topology;
        states_[p] = std::make_unique<StateColumns>(
            *training.rule->table->description, training.rule_parameters,
            StateColumns::Counts{.pre = topology.pre_count(), .post = topology.post_count()});
        gradients_[p].weights = topology.make_weights();
        if (projection.has_bias()) gradients_[p].bias = Matrix(1, projection.bias.columns);
        targets_[p] = {&topology, &gradients_[p], &counters,
                       GradientRows(topology.pre_count(), topology.post_count())};
    }
}

void ProjectionRules::reset() {
    for (const auto& state : states_)
        if (state) state->reset();
}

synfire_rule_context ProjectionRules::context(std::uint32_t projection) {
    return {sizeof(synfire_rule_context), 0, states_[projection]->columns(), &primitives_,
            &targets_[projection]};
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
    synfire_rule_context where = context(projection);
    instances_.of(projection)->on_tick(where, tick);
}

void ProjectionRules::end() {
    for (std::uint32_t p = 0; p < states_.size(); ++p)
        if (states_[p]) {
            synfire_rule_context where = context(p);
            instances_.of(p)->on_window_end(where);
        }
}

const synfire_rule_primitives ProjectionRules::primitives_ = {
    sizeof(synfire_rule_primitives), 0, &ProjectionRules::add_row, &ProjectionRules::add_outer,
    &ProjectionRules::add_bias,       &ProjectionRules::new_row};

void ProjectionRules::Target::flush() {
    if (!waiting || waiting->empty()) return;
    waiting->sort();
    counters->macs_learning += topology->add_rows(gradient->weights, *waiting);
    waiting->clear();
}

void ProjectionRules::flush() {
    for (Target& target : targets_) target.flush();
}

void ProjectionRules::add_row(void* target, const std::uint32_t* sources, std::uint32_t count,
                              const float* row) {
    Target& t = *static_cast<Target*>(target);
    if (count == 0) return;
    if (t.waiting->full()) t.flush();
    t.waiting->add({sources, count}, row);
}

void ProjectionRules::add_outer(void* target, const float* scale, const float* row) {
    Target& t = *static_cast<Target*>(target);
    if (t.waiting->full()) t.flush();
    t.waiting->add_outer({scale, t.topology->pre_count()}, row);
}

void ProjectionRules::add_bias(void* target, const float* post) {
    const Target& t = *static_cast<Target*>(target);
    if (t.gradient->bias.rows == 0) return;
    t.topology->add_bias_gradient(t.gradient->bias, post);
    t.counters->macs_learning += t.topology->post_count();
}

float* ProjectionRules::new_row(void* target) {
    Target& t = *static_cast<Target*>(target);
    if (t.waiting->full()) t.flush();
    return t.waiting->next_row();
}

std::size_t ProjectionRules::state_bytes() const {
    std::size_t bytes = 0;
    for (const auto& state : states_)
        if (state) bytes += state->bytes();
    return bytes;
}

std::size_t ProjectionRules::gradient_bytes() const {
    std::size_t bytes = 0;
    for (const ProjectionGradient& g : gradients_) bytes += g.weights.bytes() + g.bias.bytes();
    for (const Target& target : targets_)
        if (target.topology) bytes += target.waiting->bytes();
    return bytes;
}

}  // namespace synfire
