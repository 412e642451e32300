#include "engine/simulation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/flush_to_zero.hpp"
#include "base/problem.hpp"
#include "experiment/weight_range.hpp"

namespace synfire {
namespace {

// Ticks that parts of the network can run by themselves; 0 where it cannot be cut.
std::int64_t ticks_apart(const Network& network) {
    std::int64_t shortest = 64;  // without projections: any number
    for (const Projection& p : network.projections()) {
        const PopulationDescription& target = network.populations()[p.target].description;
        if (!target.has_neurons() || !target.model->input_is_double()) return 0;
        shortest = std::min<std::int64_t>(shortest, p.delay);
    }
    return shortest;
}

}  // namespace

Simulation::Simulation(const Network& network, std::uint64_t seed, unsigned threads)
    : network_(network), workers_(threads) {
    std::uint32_t largest = 0;
    for (const Population& p : network.populations()) largest = std::max(largest, p.size());
    slice_ = ticks_apart(network);
    const std::uint32_t blocks = (largest + Part::block - 1) / Part::block;
    const std::uint32_t parts = slice_ > 0 ? std::min(threads, blocks) : 1;
    slice_ = std::max<std::int64_t>(slice_, 1);
    for (std::uint32_t i = 0; i < parts; ++i)
        parts_.push_back(
            std::make_unique<Engine>(network, std::vector<bool>(), seed, Part{i, parts}));
    spikes_.resize(parts);
    visited_.resize(parts);
}

std::int64_t Simulation::next_tick(const InputStream* input, const SimulationHooks& hooks,
                                   std::int64_t last) const {
    // Spikes that have not been sent on yet are in no part's queue.
    for (const auto& populations : merged_)
        for (const auto& spikes : populations)
            if (!spikes.empty()) return last + 1;
    std::int64_t next = Wheel::never;
    for (const auto& part : parts_) next = std::min(next, part->next_tick());
    if (input) next = std::min(next, input->next_tick(last));
    if (hooks.next_tick) next = std::min(next, hooks.next_tick(last));
    return next;
}

void Simulation::set_profiler(Profiler& profiler) {
    profile_ = profiler.main();
    for (std::size_t i = 0; i < parts_.size(); ++i) parts_[i]->set_profile(profiler.worker(i));
}

void Simulation::step(Engine& part, const InputStream* input, std::int64_t tick) const {
    InputSpikes spikes{0, {}};
    if (input) spikes = {input->population(), input->at(tick)};
    const FlushToZero flush;
    part.step(tick, {&spikes, input ? std::size_t{1} : std::size_t{0}});
}

std::int64_t Simulation::run(const InputStream* input, std::int64_t ticks,
                             const SimulationHooks& hooks) {
    for (const Population& p : network_.populations())
        if (p.by_event && ticks > LazyNeurons::last_tick)
            throw InputError(fmt::format(
                "'{}' is lazily kept, for at most {} ticks, and {} are asked for; run fewer, or "
                "give it \"integration\": \"tick\".",
                p.description.name, LazyNeurons::last_tick, ticks));
    for (const Projection& p : network_.projections())
        if (p.rule && ticks > PlasticSynapses::last_tick)
            throw InputError(fmt::format(
                "'{}' changes its weights, for at most {} ticks, and {} are asked for; run fewer.",
                p.name, PlasticSynapses::last_tick, ticks));
    const std::int64_t slice = hooks.reads_state ? 1 : slice_;
    std::int64_t last = -1;
    while (true) {
        const std::int64_t next = next_tick(input, hooks, last);
        ticks_over_ = static_cast<std::uint64_t>(std::min(next, ticks));
        tick_ = std::min(next, ticks) - 1;
        if (next >= ticks) return ticks;
        if (hooks.stop && hooks.stop()) return next;
        if (parts_.size() == 1) {
            step(*parts_[0], input, next);
            ++ticks_visited_;
            tick_ = next;
            const Span span(profile_, Stage::exchange, 0);
            if (hooks.visited) hooks.visited(*this, next);
            last = next;
            continue;
        }
        const std::int64_t end = std::min(ticks, next + slice);
        workers_.for_each_at_its_place(
            parts_.size(), [&](std::size_t i) { run_part(i, input, hooks, next, end); });
        const Span span(profile_, Stage::exchange, 0);
        exchange(hooks, next, end);  // in place of those that the parts have sent on
        last = end - 1;
    }
}

void Simulation::run_part(std::size_t index, const InputStream* input, const SimulationHooks& hooks,
                          std::int64_t begin, std::int64_t end) {
    Engine& part = *parts_[index];
    for (std::size_t at = 0; at < merged_.size(); ++at)
        for (std::uint32_t p = 0; p < merged_[at].size(); ++p)
            if (!merged_[at][p].empty() && !network_.populations()[p].description.is_input())
                part.arrive(p, merged_begin_ + static_cast<std::int64_t>(at), merged_[at][p]);
    SliceSpikes& spikes = spikes_[index];
    spikes.resize(static_cast<std::size_t>(end - begin));
    visited_[index].assign(static_cast<std::size_t>(end - begin), 0);
    for (auto& tick : spikes) {
        tick.resize(network_.populations().size());
        for (auto& population : tick) population.clear();
    }
    for (std::int64_t last = begin - 1;;) {
        std::int64_t next = part.next_tick();
        if (input) next = std::min(next, input->next_tick(last));
        if (hooks.next_tick) next = std::min(next, hooks.next_tick(last));
        if (next >= end) return;
        step(part, input, next);
        const auto at = static_cast<std::size_t>(next - begin);
        visited_[index][at] = 1;
        for (std::uint32_t p = 0; p < network_.populations().size(); ++p) {
            const bool all_have_it = network_.populations()[p].description.is_input();
            if (index > 0 && all_have_it) continue;
            const auto fired = part.spikes(p);
            spikes[at][p].assign(fired.begin(), fired.end());
        }
        last = next;
    }
}

void Simulation::exchange(const SimulationHooks& hooks, std::int64_t begin, std::int64_t end) {
    merged_.resize(static_cast<std::size_t>(end - begin));
    merged_begin_ = begin;
    for (std::int64_t t = begin; t < end; ++t) {
        const auto at = static_cast<std::size_t>(t - begin);
        merged_[at].resize(network_.populations().size());
        for (std::uint32_t p = 0; p < merged_[at].size(); ++p) {
            merged_[at][p].clear();
            for (const SliceSpikes& spikes : spikes_)
                merged_[at][p].insert(merged_[at][p].end(), spikes[at][p].begin(),
                                      spikes[at][p].end());
        }
        const bool visited =
            std::ranges::any_of(visited_, [&](const auto& ticks) { return ticks[at] != 0; });
        if (!visited) continue;
        ++ticks_visited_;
        tick_ = t;
        shown_ = &merged_[at];
        if (hooks.visited) hooks.visited(*this, t);
    }
}

void Simulation::read(std::uint32_t population, std::size_t variable,
                      std::vector<double>& values) const {
    values.clear();
    std::vector<double> of_part;
    for (const auto& part : parts_) {
        part->read(population, variable, of_part);
        values.insert(values.end(), of_part.begin(), of_part.end());
    }
}

void Simulation::require_finite() const {
    for (std::uint32_t p = 0; p < network_.populations().size(); ++p)
        for (const auto& part : parts_)
            if (const auto lost = part->find_diverged(p))
                throw std::runtime_error(fmt::format(
                    "The state of '{}' is no longer finite: {} of neuron {} is {} at the end, at "
                    "tick "
                    "{}. "
                    "Weights, currents or parameters are too large for this dt_ms.",
                    network_.populations()[p].description.name, lost->variable, lost->neuron,
                    std::isnan(lost->value) ? "no number" : "infinite", tick_));
}

Counters Simulation::counters() const {
    Counters all;
    for (const auto& part : parts_) all += part->counters();
    all.ticks_visited = ticks_visited_;
    all.ticks_skipped = ticks_over_ - ticks_visited_;
    return all;
}

std::size_t Simulation::plastic_bytes() const {
    std::size_t bytes = 0;
    for (const auto& part : parts_)
        for (std::uint32_t p = 0; p < network_.projections().size(); ++p)
            if (const PlasticSynapses* plastic = part->plastic(p)) bytes += plastic->bytes();
    return bytes;
}

void Simulation::read_weights(std::uint32_t number, std::span<const std::uint32_t> sources,
                              std::vector<float>& weights) const {
    const Projection& projection = network_.projections()[number];
    // Spikes that have reached the synapses but not yet the targets: in the first part's queue,
    // which is every part's, or not sent on yet.
    std::vector<std::pair<std::uint32_t, std::int64_t>> under_way;
    auto add = [&](std::int64_t tick, std::span<const std::uint32_t> spikes) {
        if (tick > tick_) return;
        for (const std::uint32_t j : spikes) under_way.emplace_back(j, tick);
    };
    parts_[0]->for_each_under_way(number, [&](std::int64_t arrival, auto spikes) {
        add(arrival - projection.delay, spikes);
    });
    if (!network_.populations()[projection.source].description.is_input())
        for (std::size_t at = 0; at < merged_.size(); ++at)
            add(merged_begin_ + static_cast<std::int64_t>(at), merged_[at][projection.source]);
    std::ranges::sort(under_way);
    std::vector<PlasticSynapses::Modulation> modulations;
    if (projection.modulator >= 0)
        for (std::size_t at = 0; at < merged_.size(); ++at) {
            const auto modulator = static_cast<std::size_t>(projection.modulator);
            const std::size_t spikes = merged_[at][modulator].size();
            if (spikes > 0 && !network_.populations()[modulator].description.is_input())
                modulations.push_back(parts_[0]->plastic(number)->modulation_by(
                    spikes, merged_begin_ + static_cast<std::int64_t>(at)));
        }
    weights.clear();
    std::vector<std::int64_t> ticks;
    for (const std::uint32_t j : sources) {
        ticks.clear();
        for (auto spike = std::ranges::lower_bound(under_way, j, {},
                                                   &decltype(under_way)::value_type::first);
             spike != under_way.end() && spike->first == j; ++spike)
            ticks.push_back(spike->second);
        for (const auto& part : parts_)
            part->plastic(number)->read_row(j, tick_, {ticks, modulations}, weights);
    }
}

std::vector<float> Simulation::plastic_weights(std::uint32_t projection) const {
    std::vector<float> weights;
    weights.reserve(network_.projections()[projection].topology->synapse_count());
    for_each_plastic_weight(projection, [&](float w) { weights.push_back(w); });
    return weights;
}

void Simulation::for_each_plastic_weight(std::uint32_t projection,
                                         const std::function<void(float)>& visit) const {
    constexpr std::uint32_t at_once = 256;
    const RuleInstance& rule = *network_.projections()[projection].rule;
    const RuleInstance::WeightRange range = rule.weight_range();
    const std::uint32_t count = network_.projections()[projection].topology->pre_count();
    std::vector<std::uint32_t> sources;
    std::vector<float> weights;
    for (std::uint32_t begin = 0; begin < count; begin += at_once) {
        sources.resize(std::min(at_once, count - begin));
        std::iota(sources.begin(), sources.end(), begin);
        read_weights(projection, sources, weights);
        for (const float w : weights) {
            if (!takes(range, w))
                throw PluginError(fmt::format(
                    "plugin '{}' failed: it has made a weight of {:.9g} in '{}', and says that it "
                    "makes those from {:.9g} to {:.9g}",
                    rule.table().description->id, w, network_.projections()[projection].name,
                    range.low, range.high));
            visit(w);
        }
    }
}

std::size_t Simulation::neuron_state_bytes() const {
    std::size_t bytes = 0;
    for (const auto& part : parts_) bytes += part->neuron_state_bytes();
    return bytes;
}

std::size_t Simulation::queue_bytes() const {
    std::size_t bytes = 0;
    for (const auto& part : parts_) bytes += part->queue_bytes();
    return bytes;
}

}  // namespace synfire
