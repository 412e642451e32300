#include "engine/plastic.hpp"

#include <algorithm>

#include "kernels/rows.hpp"

namespace synfire {

PlasticSynapses::PlasticSynapses(const Projection& projection, Targets targets)
    : projection_(projection),
      part_(targets),
      count_(targets.end - targets.begin),
      at_once_(projection.changes_at_once()),
      to_all_(at_once_ && projection.topology->has_row_per_source()),
      delay_(static_cast<std::int32_t>(std::max(1u, projection.delay))),
      memory_(std::max(1, static_cast<std::int32_t>(
                              std::min<std::uint32_t>(projection.rule->memory(), 1u << 28)))),
      last_(projection.topology->pre_count()) {
    find_variables();
    list_synapses(targets);
    reset();
}

void PlasticSynapses::find_variables() {
    const synfire_description& d = *projection_.rule->table().description;
    for (std::uint32_t v = 0; v < d.variable_count; ++v) {
        Variables& list = d.variables[v].scope == SYNFIRE_PER_PRE    ? pre_
                          : d.variables[v].scope == SYNFIRE_PER_POST ? post_
                                                                     : synapse_;
        list.numbers.push_back(v);
        list.initial.push_back(static_cast<float>(d.variables[v].initial));
    }
    pre_state_.resize(last_.size() * pre_.size());
    post_state_.resize(post_.size());
    synapse_state_.resize(synapse_.size());
}

void PlasticSynapses::list_synapses(Targets targets) {
    begin_ = {0};
    if (to_all_)
        for (std::uint32_t i = 0; i < count_; ++i) targets_.push_back(i);
    else if (at_once_)  // about as many as the part gets; growing would hold them twice
        targets_.reserve(static_cast<std::size_t>(
            1.02 * static_cast<double>(projection_.topology->synapse_count()) * count_ /
            std::max(1u, projection_.topology->post_count())));
    for (std::uint32_t j = 0; j < last_.size(); ++j) {
        std::size_t count = to_all_ ? count_ : 0;
        if (!to_all_ && (at_once_ || synapse_.size() > 0))
            projection_.topology->for_each_synapse(
                j, [&](std::uint32_t target, std::uint32_t, std::uint32_t) {
                    if (target < targets.begin || target >= targets.end) return;
                    ++count;
                    if (at_once_) targets_.push_back(target - targets.begin);
                });
        begin_.push_back(begin_.back() + count);
    }
    if (at_once_) weights_.resize(begin_.back());
    if (!at_once_) changes_ = projection_.topology->make_weights();
    for (auto& state : synapse_state_) state.resize(begin_.back());
}

void PlasticSynapses::reset() {
    next_sweep_ = memory_;
    std::ranges::fill(last_, -1);
    for (std::size_t k = 0; k < pre_state_.size(); ++k)
        pre_state_[k] = pre_.initial[k % pre_.size()];
    for (std::size_t v = 0; v < synapse_.size(); ++v)
        std::ranges::fill(synapse_state_[v], synapse_.initial[v]);
    post_ticks_.assign(std::size_t{depth_} * count_, none);
    for (auto& state : post_state_) state.assign(std::size_t{depth_} * count_, 0);
    modulations_.clear();
    fired_.clear();
    std::ranges::fill(changes_.data, 0.0f);
    if (!at_once_) return;
    const SynapseWeights initial = projection_.synapse_weights();
    if (to_all_ && initial.each) {
        for (std::uint32_t j = 0; j < last_.size(); ++j)
            std::copy_n(initial.each->row(j) + part_.begin, count_, weights_.data() + begin_[j]);
        return;
    }
    auto weight = [&](std::uint32_t row, std::uint32_t column) {
        if (initial.each) return initial.each->row(row)[column];
        return static_cast<float>(initial.listed ? initial.listed[column] : initial.all);
    };
    std::size_t next = 0;
    for (std::uint32_t j = 0; j < last_.size(); ++j)
        projection_.topology->for_each_synapse(
            j, [&](std::uint32_t target, std::uint32_t row, std::uint32_t column) {
                if (target < part_.begin || target >= part_.end) return;
                weights_[next++] = weight(row, column);
            });
}

void PlasticSynapses::post(std::uint32_t target, std::int64_t tick) {
    const auto now = static_cast<std::int32_t>(tick);
    sweep_until(now);
    // No row is more than twice the memory out of date, so older spikes are not asked for again.
    const std::int64_t needed = std::int64_t{now} - 2 * (std::int64_t{memory_} + delay_);
    while (post_ticks_[std::size_t{depth_ - 1} * count_ + target] > needed) deepen();
    std::uint32_t held = 0;
    while (held + 1 < depth_ && post_ticks_[std::size_t{held} * count_ + target] != none) ++held;
    const std::int32_t before = post_ticks_[target];
    float values[most_variables];
    for (std::size_t v = 0; v < post_.size(); ++v)
        values[v] = before == none ? post_.initial[v] : post_state_[v][target];
    for (std::size_t n = held; n > 0; --n) {
        post_ticks_[n * count_ + target] = post_ticks_[(n - 1) * count_ + target];
        for (auto& state : post_state_)
            state[n * count_ + target] = state[(n - 1) * count_ + target];
    }
    if (before == none) fired_.push_back(target);
    projection_.rule->post_spike(
        values, before == none ? UINT32_MAX : static_cast<std::uint32_t>(now - before));
    for (std::size_t v = 0; v < post_.size(); ++v) post_state_[v][target] = values[v];
    post_ticks_[target] = now;
}

void PlasticSynapses::modulate(std::int64_t known, Modulation modulation) {
    sweep_until(static_cast<std::int32_t>(known));
    modulations_.add(modulation);
}

void PlasticSynapses::Modulations::erase_until(std::int32_t tick) {
    const auto old = std::ranges::upper_bound(ticks, tick) - ticks.begin();
    ticks.erase(ticks.begin(), ticks.begin() + old);
    amounts.erase(amounts.begin(), amounts.begin() + old);
}

void PlasticSynapses::deepen() {
    depth_ *= 2;
    post_ticks_.resize(std::size_t{depth_} * count_, none);
    for (auto& state : post_state_) state.resize(std::size_t{depth_} * count_);
}

// At multiples of the memory, whatever spikes a part has, rows that are more than it out of date
// are brought up to where all spikes of their source have arrived.
void PlasticSynapses::sweep_until(std::int32_t now) {
    for (; now >= next_sweep_; next_sweep_ += memory_) {
        const std::int32_t arrived = next_sweep_ - delay_;
        for (std::uint32_t j = 0; j < last_.size(); ++j)
            if (last_[j] < arrived - memory_) update(j, arrived, false);
        modulations_.erase_until(arrived - memory_);
    }
}

const std::uint32_t* PlasticSynapses::targets_of(std::uint32_t source) const {
    return targets_.data() + (to_all_ ? 0 : begin_[source]);
}

// The synapses of a source that share their weights with others.
void PlasticSynapses::load_shared(std::uint32_t source) {
    row_.clear();
    column_.clear();
    row_targets_.clear();
    before_.clear();
    projection_.topology->for_each_synapse(
        source, [&](std::uint32_t target, std::uint32_t row, std::uint32_t column) {
            if (target < part_.begin || target >= part_.end) return;
            row_targets_.push_back(target - part_.begin);
            row_.push_back(row);
            column_.push_back(column);
            before_.push_back(projection_.weights.row(row)[column]);
        });
    after_ = before_;
}

PlasticSynapses::Place PlasticSynapses::place_of(std::uint32_t source) {
    Place place{};
    if (at_once_) {
        place = {weights_.data() + begin_[source],
                 targets_of(source),
                 static_cast<std::uint32_t>(begin_[source + 1] - begin_[source]),
                 nullptr,
                 {}};
    } else {
        load_shared(source);
        place = {after_.data(),
                 row_targets_.data(),
                 static_cast<std::uint32_t>(after_.size()),
                 nullptr,
                 {}};
    }
    place.pre = pre_state_.data() + source * pre_.size();
    for (std::size_t v = 0; v < synapse_.size(); ++v)
        place.synapse[v] = synapse_state_[v].data() + begin_[source];
    return place;
}

bool PlasticSynapses::few_fired() const {
    return to_all_ && projection_.rule->idle_without_target() && 2 * fired_.size() <= count_;
}

void PlasticSynapses::update_few(std::uint32_t source, std::int32_t tick, bool spike) {
    float* const row = weights_.data() + begin_[source];
    few_weights_.resize(fired_.size());
    for (std::size_t k = 0; k < fired_.size(); ++k) few_weights_[k] = row[fired_[k]];
    const Place place{few_weights_.data(),
                      fired_.data(),
                      static_cast<std::uint32_t>(fired_.size()),
                      pre_state_.data() + source * pre_.size(),
                      {}};
    see({last_[source], tick, spike}, place, modulations_);
    for (std::size_t k = 0; k < fired_.size(); ++k) row[fired_[k]] = few_weights_[k];
    last_[source] = tick;
}

void PlasticSynapses::update(std::uint32_t source, std::int32_t tick, bool spike) {
    if (few_fired()) return update_few(source, tick, spike);
    const Place place = place_of(source);
    see({last_[source], tick, spike}, place, modulations_);
    last_[source] = tick;
    if (at_once_) return;
    for (std::size_t k = 0; k < after_.size(); ++k)
        changes_.row(row_[k])[column_[k]] += after_[k] - before_[k];
}

void PlasticSynapses::read_row(std::uint32_t source, std::int64_t tick, const UnderWay& under_way,
                               std::vector<float>& weights) const {
    const std::size_t first = weights.size();
    const auto count = static_cast<std::uint32_t>(begin_[source + 1] - begin_[source]);
    weights.insert(weights.end(), weights_.begin() + static_cast<std::ptrdiff_t>(begin_[source]),
                   weights_.begin() + static_cast<std::ptrdiff_t>(begin_[source + 1]));
    const auto of_source = pre_state_.begin() + static_cast<std::ptrdiff_t>(source * pre_.size());
    std::vector<float> pre(of_source, of_source + static_cast<std::ptrdiff_t>(pre_.size()));
    std::vector<std::vector<float>> synapse;
    Place place{weights.data() + first, targets_of(source), count, pre.data(), {}};
    for (std::size_t v = 0; v < synapse_.size(); ++v) {
        const float* const from = synapse_state_[v].data() + begin_[source];
        synapse.emplace_back(from, from + count);
    }
    for (std::size_t v = 0; v < synapse_.size(); ++v) place.synapse[v] = synapse[v].data();
    Modulations modulations;
    if (!under_way.modulations.empty()) {
        modulations = modulations_;
        for (const Modulation& modulation : under_way.modulations) modulations.add(modulation);
    }
    const Modulations& all = under_way.modulations.empty() ? modulations_ : modulations;
    std::int32_t from = last_[source];
    auto see_until = [&](std::int64_t until, bool spike) {
        const auto to = static_cast<std::int32_t>(until);
        see({from, to, spike}, place, all);
        from = to;
    };
    for (const std::int64_t spike : under_way.spikes) see_until(spike, true);
    if (from < tick) see_until(tick, false);
}

void PlasticSynapses::see(const Stretch& stretch, const Place& place,
                          const Modulations& modulations) const {
    float* state[most_variables] = {};
    const float* post_state[most_variables] = {};
    for (std::size_t v = 0; v < pre_.size(); ++v) state[pre_.numbers[v]] = place.pre + v;
    for (std::size_t v = 0; v < synapse_.size(); ++v) state[synapse_.numbers[v]] = place.synapse[v];
    for (std::size_t v = 0; v < post_.size(); ++v)
        post_state[post_.numbers[v]] = post_state_[v].data();
    synfire_plastic_row row{};
    row.size = sizeof row;
    row.count = place.count;
    row.tick = stretch.to;
    row.last_tick = stretch.from;
    row.delay = delay_;
    row.spike = stretch.spike ? 1 : 0;
    row.targets = place.targets;
    row.weights = place.weights;
    row.state = state;
    row.variable_count = projection_.rule->table().description->variable_count;
    row.depth = depth_;
    row.stride = count_;
    row.post_ticks = post_ticks_.data();
    row.post_state = post_state;
    if (!modulations.ticks.empty()) {
        const auto begin = std::ranges::upper_bound(modulations.ticks, stretch.from);
        const auto end = std::upper_bound(begin, modulations.ticks.end(), stretch.to);
        const auto first = begin - modulations.ticks.begin();
        row.modulator_count = static_cast<std::uint32_t>(end - begin);
        row.modulator_ticks = modulations.ticks.data() + first;
        row.modulator_values = modulations.amounts.data() + first;
    }
    projection_.rule->row(row);
}

void PlasticSynapses::arrive(const ScaledSpikes& spikes, std::int64_t tick,
                             const Receivers& receivers) {
    sweep_until(static_cast<std::int32_t>(tick + projection_.delay));
    const auto& [sources, factors] = spikes;
    for (std::size_t k = 0; k < sources.size(); ++k) {
        if (at_once_ && k + 1 < sources.size()) fetch_start(sources[k + 1]);
        update(sources[k], static_cast<std::int32_t>(tick), true);
        if (!at_once_) continue;
        if (factors.empty())
            deliver(sources[k], receivers);
        else
            deliver_scaled(sources[k], factors[k], receivers);
    }
}

void PlasticSynapses::deliver(std::uint32_t source, const Receivers& receivers) const {
    const auto& [single, sums, of_negative] = receivers;
    const float* const weights = weights_.data() + begin_[source];
    const std::uint32_t* const targets = targets_of(source);
    const std::size_t count = begin_[source + 1] - begin_[source];
    if (single && to_all_) {
        for (std::size_t s = 0; s < count; ++s) single[s] += weights[s];
    } else if (single) {
        for (std::size_t s = 0; s < count; ++s) single[targets[s]] += weights[s];
    } else if (to_all_ && sums.first && !of_negative) {
        kernels::add(sums.first, weights, count);
    } else if (of_negative) {
        for (std::size_t s = 0; s < count; ++s)
            (weights[s] < 0 ? *of_negative : sums).add(targets[s], weights[s]);
    } else {
        for (std::size_t s = 0; s < count; ++s) sums.add(targets[s], weights[s]);
    }
}

void PlasticSynapses::deliver_scaled(std::uint32_t source, double factor,
                                     const Receivers& receivers) const {
    const auto& [single, sums, of_negative] = receivers;
    const std::uint32_t* const targets = targets_of(source);
    const std::size_t count = begin_[source + 1] - begin_[source];
    for (std::size_t s = 0; s < count; ++s) {
        const float weight = weights_[begin_[source] + s];
        if (single)
            single[targets[s]] += static_cast<float>(factor) * weight;
        else
            (of_negative && weight < 0 ? *of_negative : sums).add(targets[s], factor * weight);
    }
}

void PlasticSynapses::finish(std::int64_t tick) {
    const auto end = static_cast<std::int32_t>(tick);
    // Where neither targets nor a modulator did anything, a source that never fired has nothing to
    // see.
    const bool quiet = modulations_.ticks.empty() &&
                       std::ranges::all_of(post_ticks_, [](std::int32_t t) { return t == none; });
    for (std::uint32_t j = 0; j < last_.size(); ++j)
        if (last_[j] < end && !(quiet && last_[j] < 0)) update(j, end, false);
}

void PlasticSynapses::add_changes(Matrix& changes) const {
    if (!at_once_)
        return kernels::add(changes.data.data(), changes_.data.data(), changes.data.size());
    std::size_t next = 0;  // synapses lie in the order of the matrix
    for (std::uint32_t r = 0; r < changes.rows; ++r) {
        float* const to = changes.row(r);
        const float* const before = projection_.weights.row(r);
        for (std::uint32_t c = 0; c < changes.columns; ++c) to[c] += weights_[next++] - before[c];
    }
}

// Brings the first synapses of a row near, which are far away since rows are many.
void PlasticSynapses::fetch_start(std::uint32_t source) const {
    constexpr std::size_t line = 16, lines = 16;
    const std::size_t begin = begin_[source];
    const std::size_t end = std::min(begin_[source + 1], begin + lines * line);
    for (std::size_t s = begin; s < end; s += line) {
        if (!to_all_) __builtin_prefetch(&targets_[s]);
        __builtin_prefetch(&weights_[s], 1);
    }
}

std::size_t PlasticSynapses::bytes() const {
    std::size_t numbers = targets_.size() + weights_.size() + last_.size() + pre_state_.size() +
                          post_ticks_.size() * (1 + post_.size()) + changes_.data.size();
    for (const auto& state : synapse_state_) numbers += state.size();
    return numbers * 4 + begin_.size() * sizeof(std::size_t);
}

}  // namespace synfire
