#include "conformance/plastic_synapses.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace synfire::conformance {

constexpr std::int32_t no_spike = -(1 << 30);

PlasticSynapses::PlasticSynapses(Subject& subject, const Instance& instance)
    : subject_(subject),
      instance_(instance),
      description_(subject.description()),
      low_(-std::numeric_limits<double>::infinity()),
      high_(-low_),
      targets_("'targets'", count),
      weights_("'weights'", count),
      post_ticks_("'post_ticks'", std::size_t{depth} * target_count) {
    if (subject.rule().weight_range)
        subject.require("weight_range", within("weight_range", [&] {
                            return subject.rule().weight_range(instance.get(), &low_, &high_);
                        }));
    if (!(low_ <= high_))
        throw Fault(fmt::format("its range of weights is from {} to {}", low_, high_));
    // Some of the targets, in no order.
    for (std::uint32_t k = 0; k < count; ++k) targets_[k] = (k * 7 + 3) % target_count;
    targets_.seal();
    for (std::uint32_t v = 0; v < description_.variable_count; ++v) {
        const std::string name =
            fmt::format("the state variable '{}'", description_.variables[v].name);
        const std::uint32_t scope = description_.variables[v].scope;
        const std::size_t elements = scope == SYNFIRE_PER_PRE ? 1 : count;
        state_.push_back(scope == SYNFIRE_PER_POST
                             ? nullptr
                             : std::make_unique<GuardedArray<float>>(name, elements));
        post_.push_back(scope == SYNFIRE_PER_POST ? std::make_unique<GuardedArray<float>>(
                                                        name, std::size_t{depth} * target_count)
                                                  : nullptr);
        if (scope == SYNFIRE_PER_POST) per_post_.push_back(v);
    }
}

void PlasticSynapses::set_weights(std::uint32_t sample) {
    Random random = random_of(21, sample);
    const double low = std::max(low_, -1.0), high = std::min(high_, 1.0);
    initial_.clear();
    for (std::uint32_t k = 0; k < count; ++k) {
        // Within the range, also where none of it is near 0.
        const double from = low <= high ? low : std::clamp(0.0, low_, high_),
                     to = low <= high ? high : from;
        weights_[k] = static_cast<float>(from + (to - from) * random.uniform64());
        initial_.push_back(weights_[k]);
    }
}

void PlasticSynapses::run(const Plan& plan) {
    set_weights(plan.sample);
    last_ = 0;
    modulation_.clear();
    for (std::uint32_t v = 0; v < description_.variable_count; ++v) {
        const auto initial = static_cast<float>(description_.variables[v].initial);
        if (state_[v]) std::ranges::fill(*state_[v], initial);
        if (post_[v]) {
            post_[v]->open();
            std::ranges::fill(*post_[v], initial);
        }
    }
    post_ticks_.open();
    std::ranges::fill(post_ticks_, no_spike);
    for (std::int32_t t = 1; t <= ticks; ++t) {
        Random random(plan.sample, Stream::scene, static_cast<std::uint32_t>(t), 1);
        const bool spike = random.uniform() < 0.06f;
        if (random.uniform() < 0.05f) modulation_.emplace_back(t, random.normal());
        if (spike || (plan.between > 0 && t % plan.between == 0)) bring_up_to(t, spike, plan);
        for (std::uint32_t i = 0; i < target_count; ++i)
            if (random.uniform() < 0.04f && plan.targets_fire) fire(i, t);
    }
    bring_up_to(ticks + 1, false, plan);
    if (plan.far > 0) bring_up_to(ticks + 1 + plan.far, false, plan);
}

void PlasticSynapses::fire(std::uint32_t target, std::int32_t tick) {
    const std::int32_t before = post_ticks_[target];
    std::vector<float> values;
    for (const std::uint32_t v : per_post_)
        values.push_back(before == no_spike ? static_cast<float>(description_.variables[v].initial)
                                            : (*post_[v])[target]);
    const GuardedArray<float> handed("the values of 'post_spike'", values.size());
    std::ranges::copy(values, handed.begin());
    within("post_spike", [&] {
        subject_.rule().post_spike(
            instance_.get(), handed.data(),
            before == no_spike ? UINT32_MAX : static_cast<std::uint32_t>(tick - before));
    });
    handed.require_margins();
    post_ticks_.open();
    for (const std::uint32_t v : per_post_) post_[v]->open();
    for (std::size_t n = depth - 1; n > 0; --n) {
        post_ticks_[n * target_count + target] = post_ticks_[(n - 1) * target_count + target];
        for (const std::uint32_t v : per_post_)
            (*post_[v])[n * target_count + target] = (*post_[v])[(n - 1) * target_count + target];
    }
    post_ticks_[target] = tick;
    for (std::size_t k = 0; k < per_post_.size(); ++k) (*post_[per_post_[k]])[target] = handed[k];
}

void PlasticSynapses::bring_up_to(std::int32_t tick, bool spike, const Plan& plan) {
    post_ticks_.seal();
    for (const std::uint32_t v : per_post_) post_[v]->seal();
    // The source's own variables are the same for both parts.
    std::vector<float> source;
    for (const auto& state : state_) source.push_back(state ? (*state)[0] : 0);
    call(0, plan.split, tick, spike);
    if (plan.split < count) {
        std::vector<float> after;
        for (std::uint32_t v = 0; v < description_.variable_count; ++v)
            if (description_.variables[v].scope == SYNFIRE_PER_PRE) {
                after.push_back((*state_[v])[0]);
                (*state_[v])[0] = source[v];
            }
        call(plan.split, count, tick, spike);
        std::size_t k = 0;
        for (std::uint32_t v = 0; v < description_.variable_count; ++v)
            if (description_.variables[v].scope == SYNFIRE_PER_PRE && (*state_[v])[0] != after[k++])
                throw Fault(fmt::format("'{}' of a source depends on which synapses a row has",
                                        description_.variables[v].name));
    }
    last_ = tick;
    post_ticks_.open();
    for (const std::uint32_t v : per_post_) post_[v]->open();
}

void PlasticSynapses::call(std::uint32_t from, std::uint32_t to, std::int32_t tick, bool spike) {
    std::vector<float*> state;
    std::vector<const float*> post;
    for (std::uint32_t v = 0; v < description_.variable_count; ++v) {
        const bool by_synapse = description_.variables[v].scope == SYNFIRE_PER_SYNAPSE;
        state.push_back(state_[v] ? state_[v]->data() + (by_synapse ? from : 0) : nullptr);
        post.push_back(post_[v] ? post_[v]->data() : nullptr);
    }
    std::vector<std::int32_t> modulator_ticks;
    std::vector<float> modulator_values;
    for (const auto& [at, amount] : modulation_)
        if (at > last_ && at <= tick) {
            modulator_ticks.push_back(at);
            modulator_values.push_back(amount);
        }
    const bool modulated = subject_.rule().flags & SYNFIRE_RULE_NEEDS_MODULATOR;
    synfire_plastic_row row{};
    row.size = sizeof row;
    row.count = to - from;
    row.tick = tick;
    row.last_tick = last_;
    row.delay = 1;
    row.spike = spike ? 1 : 0;
    row.targets = targets_.data() + from;
    row.weights = weights_.data() + from;
    row.state = state.data();
    row.depth = depth;
    row.modulator_count = modulated ? static_cast<std::uint32_t>(modulator_ticks.size()) : 0;
    row.stride = target_count;
    row.post_ticks = post_ticks_.data();
    row.post_state = post.data();
    row.modulator_ticks = modulator_ticks.data();
    row.modulator_values = modulator_values.data();
    row.variable_count = description_.variable_count;
    subject_.require("row",
                     within("row", [&] { return subject_.rule().row(instance_.get(), &row); }));
    weights_.require_margins();
    for (const auto& array : state_)
        if (array) array->require_margins();
}

void PlasticSynapses::append_to(Transcript& transcript) const {
    transcript.add("the weights", weights_.data(), count * sizeof(float));
    for (std::uint32_t v = 0; v < description_.variable_count; ++v)
        if (state_[v])
            transcript.add(fmt::format("'{}'", description_.variables[v].name), state_[v]->data(),
                           state_[v]->byte_count());
}

void PlasticSynapses::require_finite() const {
    for (const float w : weights_)
        if (!std::isfinite(w)) throw Fault(fmt::format("it makes a weight {}", w));
    for (std::uint32_t v = 0; v < description_.variable_count; ++v)
        for (const auto* array : {state_[v].get(), post_[v].get()})
            for (std::size_t i = 0; array && i < array->size(); ++i)
                if (!std::isfinite((*array)[i]))
                    throw Fault(fmt::format("its variable '{}' becomes {}",
                                            description_.variables[v].name, (*array)[i]));
}

void PlasticSynapses::require_range() const {
    for (const float w : weights_)
        if (!(w >= low_ && w <= high_))
            throw Fault(fmt::format("it makes a weight {}, and says that weights are from {} to {}",
                                    w, low_, high_));
}

}  // namespace synfire::conformance
