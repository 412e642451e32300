#include "engine/plastic.hpp"

#include <algorithm>

namespace synfire {

PlasticSynapses::PlasticSynapses(const Projection& projection, Targets targets)
    : projection_(projection),
      count_(targets.end - targets.begin),
      memory_(
          static_cast<std::int32_t>(std::min<std::uint32_t>(projection.rule->memory(), 1u << 28))),
      next_sweep_(memory_),
      begin_{0},
      last_(projection.topology->pre_count(), none),
      trace_(projection.topology->pre_count()),
      post_ticks_(std::size_t{depth_} * count_, none),
      post_traces_(std::size_t{depth_} * count_) {
    const SynapseWeights initial = projection.synapse_weights();
    auto weight = [&](std::uint32_t row, std::uint32_t column) {
        if (initial.each) return initial.each->row(row)[column];
        return static_cast<float>(initial.listed ? initial.listed[column] : initial.all);
    };
    for (std::uint32_t j = 0; j < projection.topology->pre_count(); ++j) {
        projection.topology->for_each_synapse(
            j, [&](std::uint32_t target, std::uint32_t row, std::uint32_t column) {
                if (target < targets.begin || target >= targets.end) return;
                targets_.push_back(target - targets.begin);
                weights_.push_back(weight(row, column));
            });
        begin_.push_back(static_cast<std::uint32_t>(targets_.size()));
    }
}

void PlasticSynapses::post(std::uint32_t target, std::int64_t tick) {
    const auto now = static_cast<std::int32_t>(tick);
    if (now >= next_sweep_) update_old_rows(now);
    // No row is more than twice the memory out of date, so older spikes are not asked for again.
    const std::int32_t needed =
        now - 2 * memory_ - 2 * static_cast<std::int32_t>(projection_.delay);
    while (post_ticks_[std::size_t{depth_ - 1} * count_ + target] > needed) deepen();
    std::uint32_t held = 0;
    while (held + 1 < depth_ && post_ticks_[std::size_t{held} * count_ + target] != none) ++held;
    for (std::size_t n = held; n > 0; --n) {
        post_ticks_[n * count_ + target] = post_ticks_[(n - 1) * count_ + target];
        post_traces_[n * count_ + target] = post_traces_[(n - 1) * count_ + target];
    }
    const std::int32_t before = post_ticks_[target];
    const float trace = before == none ? 0.0f : post_traces_[target];
    post_traces_[target] =
        projection_.rule->post_trace(trace, static_cast<std::uint32_t>(now - before));
    post_ticks_[target] = now;
}

void PlasticSynapses::deepen() {
    depth_ *= 2;
    post_ticks_.resize(std::size_t{depth_} * count_, none);
    post_traces_.resize(std::size_t{depth_} * count_);
}

// Only rows whose source's trace has been gone since before the first spike that is not seen yet,
// and only up to where all spikes of the source have arrived: seen later, they would be the same
// bit for bit.
void PlasticSynapses::update_old_rows(std::int32_t now) {
    const std::int32_t arrived = now - static_cast<std::int32_t>(projection_.delay);
    for (std::uint32_t j = 0; j < last_.size(); ++j)
        if (last_[j] < arrived - memory_) update(j, arrived, false);
    next_sweep_ = now + memory_;
}

void PlasticSynapses::update(std::uint32_t source, std::int32_t tick, bool spike) {
    see(source, {last_[source], tick, spike}, weights_.data() + begin_[source], &trace_[source]);
    last_[source] = tick;
}

void PlasticSynapses::read_row(std::uint32_t source, std::int64_t tick,
                               std::span<const std::int64_t> under_way,
                               std::vector<float>& weights) const {
    const std::size_t first = weights.size();
    weights.insert(weights.end(), weights_.begin() + begin_[source],
                   weights_.begin() + begin_[source + 1]);
    float trace = trace_[source];
    std::int32_t from = last_[source];
    auto see_until = [&](std::int64_t until, bool spike) {
        const auto to = static_cast<std::int32_t>(until);
        see(source, {from, to, spike}, weights.data() + first, &trace);
        from = to;
    };
    for (const std::int64_t spike : under_way) see_until(spike, true);
    if (from < tick) see_until(tick, false);
}

void PlasticSynapses::see(std::uint32_t source, const Stretch& stretch, float* weights,
                          float* trace) const {
    const std::uint32_t first = begin_[source];
    synfire_plastic_row row{};
    row.size = sizeof row;
    row.count = begin_[source + 1] - first;
    row.tick = stretch.to;
    row.last_tick = stretch.from;
    row.delay = static_cast<std::int32_t>(projection_.delay);
    row.spike = stretch.spike ? 1 : 0;
    row.targets = targets_.data() + first;
    row.weights = weights;
    row.trace = trace;
    row.depth = depth_;
    row.stride = count_;
    row.post_ticks = post_ticks_.data();
    row.post_traces = post_traces_.data();
    projection_.rule->row(row);
}

void PlasticSynapses::arrive(std::span<const std::uint32_t> sources, std::int64_t tick,
                             const Receivers& receivers) {
    const auto& [sums, of_negative] = receivers;
    for (std::size_t k = 0; k < sources.size(); ++k) {
        const std::uint32_t j = sources[k];
        if (k + 1 < sources.size()) fetch_start(sources[k + 1]);
        update(j, static_cast<std::int32_t>(tick), true);
        if (of_negative) {
            for (std::uint32_t s = begin_[j]; s < begin_[j + 1]; ++s)
                (weights_[s] < 0 ? *of_negative : sums).add(targets_[s], weights_[s]);
            continue;
        }
        for (std::uint32_t s = begin_[j]; s < begin_[j + 1]; ++s)
            sums.add(targets_[s], weights_[s]);
    }
}

void PlasticSynapses::fetch_start(std::uint32_t source) const {
    constexpr std::uint32_t line = 16, lines = 16;
    const std::uint32_t begin = begin_[source];
    const std::uint32_t end = std::min(begin_[source + 1], begin + lines * line);
    for (std::uint32_t s = begin; s < end; s += line) {
        __builtin_prefetch(&targets_[s]);
        __builtin_prefetch(&weights_[s], 1);
    }
}

std::size_t PlasticSynapses::bytes() const {
    return (begin_.size() + targets_.size() + weights_.size() + 2 * last_.size() +
            2 * post_ticks_.size()) *
           4;
}

}  // namespace synfire
