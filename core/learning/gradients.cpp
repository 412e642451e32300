#include "learning/gradients.hpp"

#include <algorithm>
#include <utility>

namespace synfire {

Gradients::Gradients(const Network& network, const std::vector<RuleSite>& sites)
    : arrays_(make_gradients(network)) {
    for (const RuleSite& site : sites) {
        std::size_t bytes = 0;
        for (const RuleSite::Member& member : site.members)
            bytes += arrays_[member.projection].weights.bytes();
        const std::uint32_t rows = GradientRows::worthwhile_rows(site.post_count, bytes);
        Target& target = *targets_.emplace_back(std::make_unique<Target>(Target{
            *this, site.target, {}, {}, GradientRows(site.pre_count, site.post_count, rows)}));
        for (const RuleSite::Member& member : site.members) {
            const Projection& projection = network.projections()[member.projection];
            ProjectionGradient& gradient = arrays_[member.projection];
            target.members.push_back({*projection.topology, gradient});
            if (projection.topology->has_row_per_source())
                target.dense.push_back({gradient.weights, member.first});
        }
    }
}

void Gradients::begin() {
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
                                                        &Gradients::add_listed_row,
                                                        &Gradients::add_to_listed};

void Gradients::Target::flush() {
    if (waiting.empty()) return;
    Span span(all.profile_, Stage::gradients, population);
    // A site has several members only if they are dense.
    const Member& one = members.front();
    const std::uint64_t macs =
        dense.empty()
            ? one.topology.add_rows(one.gradient.weights, waiting)
            : one.topology.post_count() * add_rows(dense, waiting, std::exchange(anew, false));
    all.counters_.macs_learning += macs;
    // Waiting rows are read, the gradients read and written.
    std::size_t bytes = macs * sizeof(float);
    for (const Member& member : members) bytes += 2 * member.gradient.weights.bytes();
    span.did({.macs = macs, .bytes = bytes});
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
    t.waiting.add_outer({scale, t.waiting.pre_count()}, row);
}

void Gradients::add_bias(void* target, const float* post) {
    const Target& t = *static_cast<Target*>(target);
    for (const Target::Member& member : t.members) {
        if (member.gradient.bias.rows == 0) continue;
        member.topology.add_bias_gradient(member.gradient.bias, post);
        t.all.counters_.macs_learning += member.topology.post_count();
    }
}

float* Gradients::new_row(void* target) {
    Target& t = *static_cast<Target*>(target);
    if (t.waiting.full()) t.flush();
    return t.waiting.next_row();
}

void Gradients::add_listed_row(void* target, const std::uint32_t* sources, std::uint32_t count,
                               const float* row) {
    Target& t = *static_cast<Target*>(target);
    if (count == 0) return;
    if (t.waiting.full()) t.flush();
    if (!row) {
        // A few rows of zeros, before all others, cost less than the product that counts of spikes
        // need in the end.
        constexpr std::uint32_t few = 16;
        if (t.zero_rows == few) t.waiting.take_back_listed(few);
        if (t.zero_rows <= few) ++t.zero_rows;
        if (t.zero_rows > few) return t.waiting.list({sources, count});
        std::fill_n(t.waiting.next_row(), t.waiting.stride(), 0.0f);
        row = t.waiting.next_row();
    } else {
        t.zero_rows = 0;
    }
    t.waiting.add_listed({sources, count}, row);
}

// Rows of the next sample are likely to be as many: what waits is added now where they would not
// find room, since rows that were added too early have to be completed one by one.
void Gradients::add_to_listed(void* target, const float* row) {
    Target& t = *static_cast<Target*>(target);
    if (t.waiting.full()) t.flush();
    t.zero_rows = 0;
    const bool room = t.waiting.has_room_for_listed();
    t.waiting.add_to_listed(row);
    if (!room) t.flush();
}

std::size_t Gradients::bytes() const {
    std::size_t bytes = synfire::bytes(arrays_);
    for (const auto& target : targets_) bytes += target->waiting.bytes();
    return bytes;
}

}  // namespace synfire
