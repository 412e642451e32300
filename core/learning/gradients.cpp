#include "learning/gradients.hpp"

#include <algorithm>

namespace synfire {

Gradients::Gradients(const Network& network)
    : arrays_(network.projections().size()), targets_(network.projections().size()) {
    for (std::uint32_t p = 0; p < arrays_.size(); ++p) {
        const Projection& projection = network.projections()[p];
        if (!projection.learn) continue;
        const Topology& topology = *projection.topology;
        arrays_[p].weights = topology.make_weights();
        if (projection.has_bias()) arrays_[p].bias = Matrix(1, projection.bias.columns);
        targets_[p] = std::make_unique<Target>(
            Target{topology, arrays_[p], *this, p,
                   GradientRows(topology.pre_count(), topology.post_count())});
    }
}

void Gradients::clear() {
    for (ProjectionGradient& gradient : arrays_) {
        std::ranges::fill(gradient.weights.data, 0.0f);
        std::ranges::fill(gradient.bias.data, 0.0f);
    }
}

void Gradients::flush() {
    for (const auto& target : targets_)
        if (target) target->flush();
}

synfire_rule_context Gradients::context(std::uint32_t projection, void* const* state) {
    return {sizeof(synfire_rule_context), 0, state, &primitives_, targets_[projection].get()};
}

const synfire_rule_primitives Gradients::primitives_ = {sizeof(synfire_rule_primitives),
                                                        0,
                                                        &Gradients::add_row,
                                                        &Gradients::add_outer,
                                                        &Gradients::add_bias,
                                                        &Gradients::new_row};

void Gradients::Target::flush() {
    if (waiting.empty()) return;
    Span span(all.profile_, Stage::gradients, projection);
    waiting.sort();
    const std::uint64_t macs = topology.add_rows(gradient.weights, waiting);
    all.counters_.macs_learning += macs;
    // Waiting rows are read, the gradient read and written.
    span.did({.macs = macs, .bytes = macs * sizeof(float) + 2 * gradient.weights.bytes()});
    waiting.clear();
}

void Gradients::add_row(void* target, const std::uint32_t* sources, std::uint32_t count,
                        const float* row) {
    Target& t = *static_cast<Target*>(target);
    if (count == 0) return;
    if (t.waiting.full()) t.flush();
    t.waiting.add({sources, count}, row);
}

void Gradients::add_outer(void* target, const float* scale, const float* row) {
    Target& t = *static_cast<Target*>(target);
    if (t.waiting.full()) t.flush();
    t.waiting.add_outer({scale, t.topology.pre_count()}, row);
}

void Gradients::add_bias(void* target, const float* post) {
    const Target& t = *static_cast<Target*>(target);
    if (t.gradient.bias.rows == 0) return;
    t.topology.add_bias_gradient(t.gradient.bias, post);
    t.all.counters_.macs_learning += t.topology.post_count();
}

float* Gradients::new_row(void* target) {
    Target& t = *static_cast<Target*>(target);
    if (t.waiting.full()) t.flush();
    return t.waiting.next_row();
}

std::size_t Gradients::bytes() const {
    std::size_t bytes = 0;
    for (const ProjectionGradient& g : arrays_) bytes += g.weights.bytes() + g.bias.bytes();
    for (const auto& target : targets_)
        if (target) bytes += target->waiting.bytes();
    return bytes;
}

}  // namespace synfire
