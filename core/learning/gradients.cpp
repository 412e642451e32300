#include "learning/gradients.hpp"

#include <algorithm>
#include <utility>

namespace synfire {

Gradients::Gradients(const Network& network, const std::vector<RuleSite>& sites)
    : network_(network), arrays_(make_gradients(network)) {
    for (const RuleSite& site : sites) {
        std::size_t bytes = 0;
        for (const RuleSite::Member& member : site.members)
            bytes += arrays_[member.projection].weights.bytes();
        const std::uint32_t rows = GradientRows::worthwhile_rows(site.post_count, bytes);
        Target& target = *targets_.emplace_back(
            std::make_unique<Target>(Target{*this,
                                            site.target,
                                            {},
                                            {},
                                            GradientRows(site.pre_count, site.post_count, rows),
                                            site.by_sign}));
        for (const RuleSite::Member& member : site.members) {
            const Projection& projection = network.projections()[member.projection];
            ProjectionGradient& gradient = arrays_[member.projection];
            target.members.push_back({projection, gradient, {}});
            if (site.by_sign)
                target.members.back().sides = {gradient.weights, gradient.weights};
            else if (projection.topology->has_row_per_source())
                target.dense.push_back({gradient.weights, member.first});
        }
    }
}

void Gradients::begin() {
    for (std::size_t p = 0; p < arrays_.size(); ++p)
        if (p >= network_.projections().size() || network_.projections()[p].rule)
            std::ranges::fill(arrays_[p].weights.data, 0.0f);
    for (const auto& target : targets_) {
        target->anew = !target->dense.empty();
        for (const Target::Member& member : target->members) {
            std::ranges::fill(member.gradient.bias.data, 0.0f);
            if (!target->anew) std::ranges::fill(member.gradient.weights.data, 0.0f);
        }
    }
}

void Gradients::flush() {
    for (const auto& target : targets_) {
        target->flush();
        if (target->by_sign) target->choose_sides();
        if (!std::exchange(target->anew, false)) continue;
        for (const DenseGradient& one : target->dense) std::ranges::fill(one.gradient.data, 0.0f);
    }
}

synfire_rule_context Gradients::context(std::size_t site, void* const* state) {
    return {sizeof(synfire_rule_context), 0, state, &primitives_, targets_[site].get()};
}

const synfire_rule_primitives Gradients::primitives_ = {sizeof(synfire_rule_primitives),
                                                        0,
                                                        &Gradients::add_row,
                                                        &Gradients::add_outer,
                                                        &Gradients::add_bias,
                                                        &Gradients::new_row,
                                                        &Gradients::add_counted_row,
                                                        &Gradients::add_outer_of_counts};

void Gradients::Target::flush() {
    if (pending.empty()) return;
    Span span(all.profile_, Stage::gradients, population);
    // A site has several members only if they are dense.
    const Member& one = members.front();
    const Topology& topology = *one.projection.topology;
    const std::uint64_t macs =
        by_sign ? add_sides()
        : dense.empty()
            ? topology.add_rows(one.gradient.weights, pending)
            : topology.post_count() * add_rows(dense, pending, std::exchange(anew, false));
    all.counters_.macs_learning += macs;
    // Pending rows are read, the gradients read and written.
    std::size_t bytes = macs * sizeof(float);
    for (const Member& member : members) bytes += 2 * member.gradient.weights.bytes();
    span.did({.macs = macs, .bytes = bytes});
    pending.clear();
}

// What one half of the rows brings to all weights, and what the other does.
std::uint64_t Gradients::Target::add_sides() {
    std::uint64_t macs = 0;
    const std::size_t width = pending.stride() / 2;
    for (const bool inhibitory : {false, true}) {
        pending.look_at(inhibitory ? width : 0, width);
        Member& one = members.front();
        const Topology& topology = *one.projection.topology;
        if (!topology.has_row_per_source()) {
            macs += topology.add_rows(one.sides[inhibitory], pending);
            continue;
        }
        std::vector<DenseGradient> parts;
        std::uint32_t first = 0;
        for (Member& member : members) {
            parts.push_back({member.sides[inhibitory], first});
            first += member.projection.topology->pre_count();
        }
        macs += topology.post_count() * add_rows(parts, pending);
    }
    return macs;
}

// Each weight has the gradient of the input that it feeds.
void Gradients::Target::choose_sides() {
    for (Member& member : members) {
        auto& [positive, negative] = member.sides;
        const AlignedVector<float>& weights = member.projection.weights.data;
        AlignedVector<float>& gradient = member.gradient.weights.data;
        for (std::size_t i = 0; i < gradient.size(); ++i)
            gradient[i] += weights[i] < 0 ? negative.data[i] : positive.data[i];
        std::ranges::fill(positive.data, 0.0f);
        std::ranges::fill(negative.data, 0.0f);
    }
}

void Gradients::add_row(void* target, const std::uint32_t* sources, std::uint32_t count,
                        const float* row) {
    Target& t = *static_cast<Target*>(target);
    if (count == 0) return;
    if (t.pending.full()) t.flush();
    t.pending.add({sources, count}, row);
}

void Gradients::add_outer(void* target, const float* scale, const float* row) {
    Target& t = *static_cast<Target*>(target);
    if (t.pending.full()) t.flush();
    t.pending.add_outer({scale, t.pending.pre_count()}, row);
}

void Gradients::add_bias(void* target, const float* post) {
    const Target& t = *static_cast<Target*>(target);
    for (const Target::Member& member : t.members) {
        if (member.gradient.bias.rows == 0) continue;
        const Topology& topology = *member.projection.topology;
        topology.add_bias_gradient(member.gradient.bias, post);
        t.all.counters_.macs_learning += topology.post_count();
    }
}

float* Gradients::new_row(void* target) {
    Target& t = *static_cast<Target*>(target);
    if (t.pending.full()) t.flush();
    return t.pending.next_row();
}

void Gradients::add_counted_row(void* target, const std::uint32_t* sources, std::uint32_t count,
                                const float* row) {
    Target& t = *static_cast<Target*>(target);
    if (count == 0) return;
    if (t.pending.full()) t.flush();
    if (!row) {
        // A few rows of zeros, before all others, cost less than the product that counts of spikes
        // need in the end.
        constexpr std::uint32_t few = 16;
        if (t.zero_rows == few) t.pending.remove_counted(few);
        if (t.zero_rows <= few) ++t.zero_rows;
        if (t.zero_rows > few) return t.pending.count_spikes({sources, count});
        std::fill_n(t.pending.next_row(), t.pending.stride(), 0.0f);
        row = t.pending.next_row();
    } else {
        t.zero_rows = 0;
    }
    t.pending.add_counted({sources, count}, row);
}

// The next sample is likely to have as many rows. Where they would not fit, pending ones are added
// now, since rows that were added too early have to be completed one by one.
void Gradients::add_outer_of_counts(void* target, const float* row) {
    Target& t = *static_cast<Target*>(target);
    if (t.pending.full()) t.flush();
    t.zero_rows = 0;
    const bool fits = t.pending.has_space_for_counted();
    t.pending.add_outer_of_counts(row);
    if (!fits) t.flush();
}

std::size_t Gradients::bytes() const {
    std::size_t bytes = synfire::bytes(arrays_);
    for (const auto& target : targets_) {
        bytes += target->pending.bytes();
        for (const Target::Member& member : target->members)
            for (const Matrix& side : member.sides) bytes += side.bytes();
    }
    return bytes;
}

}  // namespace synfire
