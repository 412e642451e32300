#include "engine/engine.hpp"

#include <algorithm>

namespace synfire {
namespace {

std::uint32_t longest_delay(const Network& network) {
    std::uint32_t longest = 0;
    for (const Projection& p : network.projections()) longest = std::max(longest, p.delay);
    return longest;
}

}  // namespace

Engine::Engine(const Network& network, std::vector<bool> wants_psi)
    : network_(network),
      units_(network.populations().size()),
      arrivals_(network.projections().size()),
      wheel_(longest_delay(network)) {
    for (std::uint32_t i = 0; i < units_.size(); ++i) {
        const Population& population = network.populations()[i];
        Unit& unit = units_[i];
        if (population.description.relay) unit.frontier = Frontier(population.size());
        if (!population.description.has_neurons()) continue;
        unit.state.emplace_back(*population.description.model->table->description,
                                population.description.parameters,
                                StateColumns::Counts{.neurons = population.size()});
        unit.input.resize(padded(population.size()));
        if (i < wants_psi.size() && wants_psi[i]) unit.psi.resize(padded(population.size()));
        if (population.by_event) {
            unit.frontier = Frontier(population.size());
            unit.anchor.assign(population.size(), -1);
        } else {
            sweeps_ = true;
        }
    }
    for (std::uint32_t p = 0; p < arrivals_.size(); ++p) {
        const Projection& projection = network.projections()[p];
        units_[projection.target].incoming.push_back(p);
        if (projection.delay > 0)
            units_[projection.source].delayed.push_back({p, projection.delay});
    }
}

void Engine::reset() {
    for (Unit& unit : units_) {
        for (StateColumns& state : unit.state) state.reset();
        unit.spikes.clear();
        unit.keep.clear();
        std::ranges::fill(unit.anchor, -1);
    }
    wheel_.clear();
    std::ranges::fill(arrivals_, std::span<const std::uint32_t>());
    tick_ = -1;
}

std::int64_t Engine::next_tick() const {
    return sweeps_ ? tick_ + 1 : wheel_.next();
}

void Engine::step(std::int64_t tick, std::span<const InputSpikes> inputs) {
    counters_.ticks_skipped += static_cast<std::uint64_t>(tick - tick_ - 1);
    ++counters_.ticks_visited;
    tick_ = tick;
    std::ranges::fill(arrivals_, std::span<const std::uint32_t>());
    for (const Delivery& delivery : wheel_.take(tick))
        arrivals_[delivery.projection] = wheel_.spikes(delivery);

    for (const std::uint32_t p : network_.description().order) {
        const Population& population = network_.populations()[p];
        Unit& unit = units_[p];
        if (population.description.is_input()) {
            take_input(unit, p, inputs);
        } else if (population.description.relay) {
            relay(unit, p);
        } else {
            gather(unit, population);
            if (population.by_event)
                advance_touched(unit, population, tick);
            else
                advance_all(unit, population, tick);
            if (!unit.keep.empty())
                std::erase_if(unit.spikes, [&](std::uint32_t i) { return unit.keep[i] == 0.0f; });
            counters_.spikes += unit.spikes.size();
        }
        wheel_.put(tick, unit.spikes, unit.delayed);
    }
}

void Engine::take_input(Unit& unit, std::uint32_t population, std::span<const InputSpikes> inputs) {
    unit.spikes.clear();
    for (const InputSpikes& input : inputs)
        if (input.population == population)
            unit.spikes.assign(input.neurons.begin(), input.neurons.end());
    counters_.input_spikes += unit.spikes.size();
}

// A relay of maxima fires what its pooling reaches. One of averages hands on the events of the
// pooling's source, which projections behind it take from there.
void Engine::relay(Unit& unit, std::uint32_t population) {
    const auto pooling = static_cast<std::uint32_t>(network_.description().pooling[population]);
    const Projection& projection = network_.projections()[pooling];
    arrivals_[pooling] = units_[projection.source].spikes;
    if (network_.description().averages(population)) return;
    projection.topology->touch(arrivals_[pooling], unit.frontier);
    unit.frontier.take(unit.spikes);
}

void Engine::gather(Unit& unit, const Population& population) {
    if (!population.by_event) std::ranges::fill(unit.input, 0.0f);
    for (const std::uint32_t p : unit.incoming)
        if (const Projection& projection = network_.projections()[p]; projection.has_bias()) {
            projection.topology->add_bias(projection.bias, unit.input.data());
            counters_.macs_forward += population.size();
        }
    for (const std::uint32_t p : unit.incoming) {
        const Projection& projection = network_.projections()[p];
        if (projection.delay == 0) arrivals_[p] = units_[projection.source].spikes;
        if (arrivals_[p].empty()) continue;
        projection.topology->deliver(projection.used(), arrivals_[p], unit.input.data());
        if (population.by_event) projection.topology->touch(arrivals_[p], unit.frontier);
        const std::uint64_t events = projection.topology->synapses(arrivals_[p]);
        counters_.synaptic_events += events;
        counters_.macs_forward += events;
    }
}

synfire_neuron_slice Engine::slice(Unit& unit, std::uint32_t count, std::int64_t tick) const {
    unit.spikes.resize(count);
    return {sizeof(synfire_neuron_slice),
            count,
            tick,
            nullptr,
            unit.state.front().columns(),
            unit.input.data(),
            unit.psi.empty() ? nullptr : unit.psi.data(),
            unit.spikes.data(),
            0};
}

void Engine::advance_all(Unit& unit, const Population& population, std::int64_t tick) {
    synfire_neuron_slice all = slice(unit, population.size(), tick);
    population.neuron->advance(all);
    unit.spikes.resize(all.spike_count);
    counters_.neuron_updates += population.size();
    counters_.macs_forward += population.size();
}

void Engine::advance_touched(Unit& unit, const Population& population, std::int64_t tick) {
    unit.frontier.take(unit.touched);
    const auto count = static_cast<std::uint32_t>(unit.touched.size());
    if (count == 0) return unit.spikes.clear();
    unit.silent_ticks.resize(count);
    for (std::uint32_t k = 0; k < count; ++k) {
        std::int64_t& anchor = unit.anchor[unit.touched[k]];
        unit.silent_ticks[k] =
            static_cast<std::uint32_t>(std::min<std::int64_t>(tick - anchor - 1, UINT32_MAX));
        anchor = tick;
    }
    synfire_neuron_slice some = slice(unit, count, tick);
    some.index = unit.touched.data();
    population.neuron->decay(some, unit.silent_ticks.data());
    population.neuron->advance(some);
    unit.spikes.resize(some.spike_count);
    for (const std::uint32_t i : unit.touched) unit.input[i] = 0.0f;
    counters_.neuron_updates += count;
    counters_.macs_forward += count;
}

std::int32_t Engine::find_variable(std::uint32_t population, std::string_view name) const {
    const auto& state = units_[population].state;
    return state.empty() ? -1 : state.front().find(name);
}

void Engine::read(std::uint32_t p, std::size_t variable, std::vector<double>& values) const {
    const Population& population = network_.populations()[p];
    const Unit& unit = units_[p];
    values.resize(population.size());
    if (!population.by_event) {
        for (std::uint32_t i = 0; i < values.size(); ++i)
            values[i] = unit.state.front().value(variable, i);
        return;
    }
    const StateColumns ahead = unit.state.front();
    std::vector<std::uint32_t> silent(population.size());
    for (std::uint32_t i = 0; i < silent.size(); ++i)
        silent[i] = static_cast<std::uint32_t>(tick_ - unit.anchor[i]);
    synfire_neuron_slice all{sizeof(synfire_neuron_slice),
                             population.size(),
                             tick_,
                             nullptr,
                             ahead.columns(),
                             nullptr,
                             nullptr,
                             nullptr,
                             0};
    population.neuron->decay(all, silent.data());
    for (std::uint32_t i = 0; i < values.size(); ++i) values[i] = ahead.value(variable, i);
}

std::size_t Engine::psi_bytes() const {
    std::size_t bytes = 0;
    for (const Unit& unit : units_) bytes += unit.psi.size() * sizeof(float);
    return bytes;
}

std::size_t Engine::neuron_state_bytes() const {
    std::size_t bytes = 0;
    for (const Unit& unit : units_) {
        for (const StateColumns& state : unit.state) bytes += state.bytes();
        bytes += (unit.input.size() + unit.spikes.capacity()) * 4 + unit.anchor.size() * 8;
    }
    return bytes;
}

}  // namespace synfire
