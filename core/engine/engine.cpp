#include "engine/engine.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace synfire {
namespace {

std::uint32_t longest_delay(const Network& network) {
    std::uint32_t longest = 0;
    for (const Projection& p : network.projections()) longest = std::max(longest, p.delay);
    return longest;
}

}  // namespace

Targets Part::of(std::uint32_t size) const {
    const std::uint32_t blocks = (size + block - 1) / block;
    auto edge = [&](std::uint32_t i) {
        return static_cast<std::uint32_t>(
            std::min<std::uint64_t>(size, std::uint64_t{blocks} * i / count * block));
    };
    return {edge(index), index + 1 == count ? size : edge(index + 1)};
}

Engine::Engine(const Network& network, std::vector<bool> wants_psi, std::uint64_t seed, Part part)
    : network_(network),
      seed_(seed),
      part_(part),
      units_(network.populations().size()),
      arrivals_(network.projections().size()),
      releases_(network.projections().size()),
      wheel_(longest_delay(network)) {
    for (std::uint32_t i = 0; i < units_.size(); ++i) {
        const Population& population = network.populations()[i];
        const PopulationDescription& d = population.description;
        Unit& unit = units_[i];
        unit.targets = part.of(population.size());
        if (d.schedule) schedules_.push_back(d.schedule.get());
        if (d.relay) unit.frontier = Frontier(population.size());
        unit.emits_elsewhere = network.description().emitter(i) != i;
        if (!d.has_neurons()) continue;
        const std::uint32_t doubles = d.model->input_is_signed() ? 2 : d.model->input_is_double();
        if (doubles == 0) unit.input.resize(padded(unit.count()));
        unit.summed = unit.input.data();
        if (population.by_event) {
            unit.lazy.emplace(*d.model->table->description, d.parameters, unit.count(), doubles);
            unit.frontier = Frontier(population.size());
        } else {
            sweeps_ = true;
            unit.state.emplace_back(*d.model->table->description, d.parameters,
                                    StateColumns::Counts{.neurons = unit.count()});
            if (doubles > 0) unit.input64.resize(unit.count());
            if (doubles > 1) unit.inhibitory64.resize(unit.count());
        }
        if (d.noise)
            unit.noise.emplace(d.noise->rate_hz * network.description().dt_ms / 1000,
                               d.noise->weight);
        if (i < wants_psi.size() && wants_psi[i]) unit.psi.resize(padded(population.size()));
    }
    for (std::uint32_t p = 0; p < arrivals_.size(); ++p) {
        const Projection& projection = network.projections()[p];
        units_[projection.target].incoming.push_back(p);
        if (projection.release) releases_[p].emplace(projection);
        if (projection.delay > 0)
            units_[projection.source].delayed.push_back({p, projection.delay});
    }
    for (Unit& unit : units_)
        if (!unit.incoming.empty() && part.count == 1)
            if (const Projection& first = network.projections()[unit.incoming.front()];
                !first.rule && PrecomputedInput::pays_off(network, first))
                unit.precomputed.emplace(first);
    make_plastic();
    for (Unit& unit : units_) load_state(unit);
    reset_wakes();
}

void Engine::make_plastic() {
    plastic_.clear();
    plastic_.resize(arrivals_.size());
    for (std::uint32_t p = 0; p < plastic_.size(); ++p)
        if (const Projection& projection = network_.projections()[p]; projection.rule) {
            plastic_[p].emplace(projection, units_[projection.target].targets);
            if (projection.modulator >= 0)
                units_[static_cast<std::size_t>(projection.modulator)].modulates.push_back(p);
        }
}

void Engine::reset() {
    for (Unit& unit : units_)
        if (unit.precomputed) unit.precomputed->clear();
    reset_state();
}

void Engine::reset_for_next() {
    for (Unit& unit : units_)
        if (unit.precomputed) unit.precomputed->shift(tick_ + 1);
    reset_state();
}

// What the network gives its neurons to begin with: initial values, and what survives from sample
// to sample.
void Engine::load_state(Unit& unit) {
    const Population& population =
        network_.populations()[static_cast<std::size_t>(&unit - units_.data())];
    for (const InitialValues& initial : population.initial)
        unit.state.front().set(initial.variable,
                               std::span(initial.values).subspan(unit.targets.begin, unit.count()));
    for (std::uint32_t r = 0; r < population.kept.rows; ++r) {
        const std::uint32_t variable = population.kept_variables[r];
        const std::span<const float> values{population.kept.row(r) + unit.targets.begin,
                                            unit.count()};
        if (!unit.lazy) {
            unit.state.front().set(variable, values);
            continue;
        }
        // Lazily kept neurons begin alike.
        const synfire_variable& v =
            population.description.model->table->description->variables[variable];
        const bool initial = std::ranges::all_of(
            values, [&](float value) { return value == static_cast<float>(v.initial); });
        if (!initial)
            throw InputError(
                fmt::format("'{}' begins with the {} that a training has left, which "
                            "\"integration\": \"event\" "
                            "cannot; allowed: 'auto' or 'tick'.",
                            population.description.name, v.name));
    }
}

void Engine::reset_state() {
    for (Unit& unit : units_) {
        for (StateColumns& state : unit.state) state.reset();
        load_state(unit);
        unit.spikes = {};
        unit.dropout_mask.clear();
        if (unit.lazy) unit.lazy->reset();
    }
    for (auto& releases : releases_)
        if (releases) releases->reset();
    reset_wakes();
    reset_plastic();
    wheel_.clear();
    std::ranges::fill(arrivals_, std::span<const std::uint32_t>());
    tick_ = -1;
}

std::int64_t Engine::next_tick() const {
    if (sweeps_) return tick_ + 1;
    std::int64_t next = wheel_.next();
    for (const SpikeSchedule* schedule : schedules_)
        next = std::min(next, schedule->next_tick(tick_));
    for (const Unit& unit : units_) next = std::min(next, unit.wakes.next());
    return next;
}

void Engine::step(std::int64_t tick, std::span<const InputSpikes> inputs) {
    counters_.ticks_skipped += static_cast<std::uint64_t>(tick - tick_ - 1);
    ++counters_.ticks_visited;
    tick_ = tick;
    std::ranges::fill(arrivals_, std::span<const std::uint32_t>());
    const std::uint64_t spikes_before = counters_.spikes;
    {
        Span span(profile_, Stage::queue, 0);
        for (const Delivery& delivery : wheel_.take(tick)) {
            arrivals_[delivery.projection] = wheel_.spikes(delivery);
            span.did({.events = arrivals_[delivery.projection].size()});
        }
    }

    for (const std::uint32_t p : network_.description().order) {
        const Population& population = network_.populations()[p];
        Unit& unit = units_[p];
        if (population.description.is_input()) {
            take_input(unit, p, inputs);
        } else if (population.description.relay) {
            relay(unit, p);
        } else {
            gather(unit, population, p);
            advance(unit, population, p);
            if (part_.count > 1) continue;  // sent on once those of all parts are together
        }
        send_on(p, tick, unit.spikes);
    }
    if (profile_) profile_->count_tick(tick, wheel_.depth(), counters_.spikes - spikes_before);
}

void Engine::arrive(std::uint32_t population, std::int64_t tick,
                    std::span<const std::uint32_t> spikes) {
    send_on(population, tick, spikes);
}

void Engine::send_on(std::uint32_t population, std::int64_t tick,
                     std::span<const std::uint32_t> spikes) {
    const Unit& unit = units_[population];
    if (plastic_on_ && !spikes.empty())
        for (const std::uint32_t q : unit.modulates)
            plastic_[q]->modulate(tick, plastic_[q]->modulation_by(spikes.size(), tick));
    if (unit.delayed.empty()) return;
    const Span span(profile_, Stage::queue, population);
    wheel_.put(tick, spikes, unit.delayed);
}

void Engine::reset_plastic() {
    if (plastic_on_)
        for (auto& plastic : plastic_)
            if (plastic) plastic->reset();
}

void Engine::finish_plastic(float reward) {
    for (std::uint32_t p = 0; p < plastic_.size(); ++p) {
        if (!plastic_[p]) continue;
        const Span span(profile_, Stage::plasticity, p);
        const Projection& projection = network_.projections()[p];
        wheel_.for_each_under_way(p, [&](std::int64_t arrival, auto sources) {
            plastic_[p]->see_spikes(sources, arrival - projection.delay);
        });
        plastic_[p]->finish(tick_);
        if (!projection.takes_reward) continue;
        plastic_[p]->modulate(tick_, {tick_ + 1, reward});
        plastic_[p]->finish(PlasticSynapses::last_tick);
    }
}

void Engine::take_input(Unit& unit, std::uint32_t population, std::span<const InputSpikes> inputs) {
    Span span(profile_, Stage::input, population);
    unit.fired.clear();
    if (const auto& schedule = network_.populations()[population].description.schedule) {
        const auto spikes = schedule->at(tick_);
        unit.fired.assign(spikes.begin(), spikes.end());
    }
    for (const InputSpikes& input : inputs)
        if (input.population == population)
            unit.fired.assign(input.neurons.begin(), input.neurons.end());
    unit.spikes = unit.fired;
    span.did({.events = unit.spikes.size()});
    if (part_.index == 0) counters_.input_spikes += unit.spikes.size();
}

// A relay of maxima fires what its pooling reaches. One that hands on the events of one source
// leaves it to projections behind it to take these from there; one of several numbers them.
void Engine::relay(Unit& unit, std::uint32_t population) {
    const std::vector<std::uint32_t>& poolings = network_.description().poolings[population];
    for (const std::uint32_t p : poolings)
        arrivals_[p] = units_[network_.projections()[p].source].spikes;
    if (unit.emits_elsewhere) return;
    Span span(profile_, Stage::deliver, poolings.front());
    for (const std::uint32_t p : poolings) {
        span.did({.events = arrivals_[p].size()});
        network_.projections()[p].topology->touch(arrivals_[p], unit.frontier);
    }
    unit.frontier.take(unit.fired);
    unit.spikes = unit.fired;
}

// With what their weights are multiplied by, if there is anything.
ScaledSpikes Engine::scaled_arrivals(std::uint32_t projection) {
    if (!releases_[projection]) return {arrivals_[projection], {}};
    return releases_[projection]->arrive(arrivals_[projection], tick_);
}

// Events are counted once, whatever the number of parts.
void Engine::count_events(std::uint32_t number, std::uint64_t events, Span& span) {
    if (part_.index > 0) return;
    const Projection& projection = network_.projections()[number];
    counters_.synaptic_events += events;
    counters_.macs_forward += events;
    if (!span.counts()) return;
    const double bytes = plastic_[number]
                             ? static_cast<double>(plastic_[number]->bytes()) /
                                   std::max<double>(1, plastic_[number]->weights().size())
                             : projection.bytes_per_event();
    span.did({events, events, static_cast<std::uint64_t>(bytes * static_cast<double>(events))});
}

std::uint32_t Engine::precomputable_ticks(std::uint32_t input) const {
    std::uint32_t ticks = 0;
    for (const Unit& unit : units_)
        if (unit.precomputed && unit.precomputed->source() == input)
            ticks = ticks == 0 ? unit.precomputed->capacity()
                               : std::min(ticks, unit.precomputed->capacity());
    return ticks;
}

void Engine::precompute_input(std::uint32_t input, std::int64_t first,
                              std::span<const std::span<const std::uint32_t>> ticks) {
    for (Unit& unit : units_) {
        if (!unit.precomputed || unit.precomputed->source() != input) continue;
        const Span span(profile_, Stage::deliver, unit.incoming.front());
        std::ranges::fill(unit.input, 0.0f);
        add_biases(unit, unit.input.data());
        unit.precomputed->sum(first, ticks, unit.input);
        unit.summed = unit.input.data();
    }
}

void Engine::add_biases(const Unit& unit, float* input) const {
    for (const std::uint32_t p : unit.incoming)
        if (const Projection& projection = network_.projections()[p]; projection.has_bias())
            projection.topology->add_bias(projection.bias, input);
}

void Engine::gather(Unit& unit, const Population& population, std::uint32_t number) {
    if (unit.lazy) unit.lazy->begin_tick(tick_);
    if (population.description.model->input_is_double()) return gather_double(unit, number);
    float* const precomputed = unit.precomputed ? unit.precomputed->at(tick_) : nullptr;
    unit.summed = precomputed ? precomputed : unit.input.data();
    if (!precomputed) {
        Span span(profile_, Stage::input, number);
        span.did({.bytes = unit.input.size() * sizeof(float)});
        if (!population.by_event) std::ranges::fill(unit.input, 0.0f);
        add_biases(unit, unit.input.data());
    }
    for (const std::uint32_t p : unit.incoming) {
        const Projection& projection = network_.projections()[p];
        if (projection.has_bias()) counters_.macs_forward += population.size();
        if (projection.delay == 0) arrivals_[p] = units_[projection.source].spikes;
        if (arrivals_[p].empty()) continue;
        const bool changes = plastic_[p] && plastic_on_;
        Span span(profile_, changes ? Stage::plasticity : Stage::deliver, p);
        const ScaledSpikes scaled = scaled_arrivals(p);
        if (!(changes && plastic_[p]->at_once()) && !(precomputed && p == unit.incoming.front())) {
            if (projection.release)
                projection.topology->deliver_scaled(projection.used(), scaled, unit.summed);
            else
                projection.deliver(arrivals_[p], unit.summed);
        }
        if (changes)
            plastic_[p]->arrive(scaled, tick_ - projection.delay, {unit.summed, {}, std::nullopt});
        if (population.by_event) projection.topology->touch(arrivals_[p], unit.frontier);
        count_events(p, projection.topology->synapses(arrivals_[p]), span);
    }
}

std::uint64_t Engine::seed_of(std::uint32_t population) const {
    return seed_ ^ ((population + 1) * 0x9e3779b97f4a7c15ull);
}

// Noise first, then arrivals by projection.
void Engine::gather_double(Unit& unit, std::uint32_t number) {
    const Population& population = network_.populations()[number];
    if (!population.by_event) {
        Span span(profile_, Stage::input, number);
        span.did({.bytes = (unit.input64.size() + unit.inhibitory64.size()) * sizeof(double)});
        std::ranges::fill(unit.inhibitory64, 0.0);
        if (!unit.noise || !unit.inhibitory64.empty()) std::ranges::fill(unit.input64, 0.0);
    }
    if (unit.noise) {
        Span span(profile_, Stage::noise, number);
        const bool inhibits = !unit.inhibitory64.empty() && unit.noise->weight() < 0;
        const std::uint64_t events =
            unit.noise->draw(seed_of(number), tick_, unit.targets.begin, unit.count(),
                             (inhibits ? unit.inhibitory64 : unit.input64).data());
        counters_.noise_events += events;
        span.did({.events = events, .bytes = unit.count() * sizeof(double)});
    }
    for (const std::uint32_t p : unit.incoming) {
        const Projection& projection = network_.projections()[p];
        if (projection.delay == 0) arrivals_[p] = units_[projection.source].spikes;
        if (arrivals_[p].empty()) continue;
        const bool changes = plastic_[p] && plastic_on_;
        Span span(profile_, changes ? Stage::plasticity : Stage::deliver, p);
        const std::uint64_t events =
            unit.lazy || part_.index == 0 ? projection.topology->synapses(arrivals_[p]) : 0;
        if (unit.lazy) unit.lazy->reserve(events);
        auto sums_of = [&](bool inhibits) -> Sums {
            if (unit.lazy) return {nullptr, &unit.lazy->sums(), inhibits ? 1u : 0u};
            return {(inhibits ? unit.inhibitory64 : unit.input64).data()};
        };
        const Sums sums = sums_of(projection.inhibits);
        const ScaledSpikes scaled = scaled_arrivals(p);
        if (!changes || !plastic_[p]->at_once()) {
            if (projection.both_signs)
                projection.topology->deliver_by_sign(projection.synapse_weights(), scaled,
                                                     {sums, sums_of(true)}, unit.targets);
            else if (projection.release)
                projection.topology->deliver_scaled_to(projection.synapse_weights(), scaled, sums,
                                                       unit.targets);
            else
                projection.topology->deliver_to(projection.synapse_weights(), arrivals_[p], sums,
                                                unit.targets);
        }
        if (changes) {
            PlasticSynapses::Receivers receivers{nullptr, sums, std::nullopt};
            if (projection.both_signs) receivers.of_negative = sums_of(true);
            plastic_[p]->arrive(scaled, tick_ - projection.delay, receivers);
        }
        count_events(p, events, span);
    }
}

synfire_neuron_slice Engine::slice(Unit& unit, std::uint32_t count, std::uint32_t number) const {
    if (unit.fired.size() < count) unit.fired.resize(count);
    synfire_neuron_slice slice{};
    slice.size = sizeof slice;
    slice.count = count;
    slice.tick = tick_;
    slice.spikes = unit.fired.data();
    slice.first = unit.targets.begin;
    slice.seed = seed_of(number);
    if (unit.lazy) {
        slice.state = unit.lazy->columns();
        slice.input = unit.gathered.data();
        slice.input64 = unit.lazy->sum(0);
        slice.inhibitory64 = unit.lazy->sum(1);
    } else {
        slice.state = unit.state.front().columns();
        slice.input = unit.summed;
        if (!unit.psi.empty()) slice.psi = unit.psi.data() + psi_place(unit.psi, tick_);
        slice.input64 = unit.input64.empty() ? nullptr : unit.input64.data();
        slice.inhibitory64 = unit.inhibitory64.empty() ? nullptr : unit.inhibitory64.data();
    }
    return slice;
}

void Engine::advance(Unit& unit, const Population& population, std::uint32_t number) try {
    {
        Span span(profile_, Stage::neurons, number);
        const std::uint64_t updates = counters_.neuron_updates;
        if (population.by_event)
            advance_touched(unit, population, number);
        else
            advance_all(unit, population, number);
        if (!unit.dropout_mask.empty()) {
            auto silenced = [&](std::uint32_t i) { return unit.dropout_mask[i] == 0.0f; };
            unit.spikes = {unit.spikes.begin(),
                           std::remove_if(unit.spikes.begin(), unit.spikes.end(), silenced)};
        }
        counters_.spikes += unit.spikes.size();
        if (span.counts()) {
            const std::uint64_t updated = counters_.neuron_updates - updates;
            // State is read and written, input read, Psi written.
            const std::size_t neuron =
                2 * (unit.lazy ? unit.lazy->bytes() : unit.state.front().bytes()) +
                (unit.input.size() + unit.psi.size() / psi_ticks_) * sizeof(float) +
                (unit.input64.size() + unit.inhibitory64.size()) * 8;
            span.did({unit.spikes.size(), updated,
                      updated * neuron / std::max<std::uint32_t>(1, unit.count())});
        }
    }
    for (const std::uint32_t q : unit.incoming) {
        if (!plastic_[q] || !plastic_on_ || unit.spikes.empty()) continue;
        const Span span(profile_, Stage::plasticity, q);
        for (const std::uint32_t i : unit.spikes) plastic_[q]->post(i - unit.targets.begin, tick_);
    }
} catch (const PluginError& error) {
    throw PluginError(
        fmt::format("'{}' at tick {}: {}", population.description.name, tick_, error.what()));
}

void Engine::advance_all(Unit& unit, const Population& population, std::uint32_t number) {
    synfire_neuron_slice all = slice(unit, unit.count(), number);
    population.neuron->advance(all);
    unit.spikes = std::span(all.spikes, all.spike_count);
    if (unit.targets.begin > 0)  // a plugin counts from the part's first
        for (std::uint32_t& i : unit.spikes) i += unit.targets.begin;
    counters_.neuron_updates += unit.count();
    counters_.macs_forward += unit.count();
}

void Engine::advance_touched(Unit& unit, const Population& population, std::uint32_t number) {
    LazyNeurons& lazy = *unit.lazy;
    if (!unit.frontier.empty()) {
        unit.frontier.take(unit.reached);
        lazy.reserve(unit.reached.size());
        for (const std::uint32_t i : unit.reached)
            if (i >= unit.targets.begin && i < unit.targets.end)
                lazy.sums().add(0, i - unit.targets.begin, 0);
    }
    if (!unit.wakes.empty()) touch_due(unit);
    const auto touched = lazy.touched();
    const auto count = static_cast<std::uint32_t>(touched.size());
    unit.spikes = {};
    if (count == 0) return;
    if (!unit.input.empty()) {
        unit.gathered.resize(count);
        for (std::uint32_t k = 0; k < count; ++k)
            unit.gathered[k] = std::exchange(unit.input[touched[k]], 0.0f);
    }
    synfire_neuron_slice some = slice(unit, count, number);
    population.neuron->decay(some, lazy.silent_ticks());
    population.neuron->advance(some);
    lazy.put_back();
    if (population.fires_alone != SYNFIRE_ALONE_NEVER) ask_silence(unit, population, some);
    unit.spikes = std::span(some.spikes, some.spike_count);
    for (std::uint32_t& k : unit.spikes) k = touched[k] + unit.targets.begin;
    std::ranges::sort(unit.spikes);
    counters_.neuron_updates += count;
    counters_.macs_forward += count;
}

// All neurons begin in one state.
void Engine::reset_wakes() {
    for (std::uint32_t p = 0; p < units_.size(); ++p) {
        const Population& population = network_.populations()[p];
        if (population.fires_alone == SYNFIRE_ALONE_NEVER) continue;
        std::uint32_t silent = UINT32_MAX;
        if (population.fires_alone == SYNFIRE_ALONE_ALWAYS) {
            const PopulationDescription& d = population.description;
            const StateColumns first(*d.model->table->description, d.parameters, {.neurons = 1});
            synfire_neuron_slice one{};
            one.size = sizeof one;
            one.count = 1;
            one.state = first.columns();
            population.neuron->silent_ticks(one, &silent);
        }
        units_[p].wakes.reset(units_[p].count(), silent == UINT32_MAX ? Wakes::never : silent);
        units_[p].due.clear();
    }
}

// What is due is visited as if something reached it.
void Engine::touch_due(Unit& unit) {
    unit.wakes.take(tick_, unit.due);
    unit.lazy->reserve(unit.due.size());
    for (const std::uint32_t i : unit.due) unit.lazy->sums().add(0, i, 0);
}

// When the neurons that have been advanced have to be visited next. Where one may fire without
// input only after a spike, nobody else needs to be asked than those that have just fired or were
// due.
void Engine::ask_silence(Unit& unit, const Population& population,
                         const synfire_neuron_slice& some) {
    const auto touched = unit.lazy->touched();
    unit.asked.clear();
    if (population.fires_alone == SYNFIRE_ALONE_AFTER_SPIKE && unit.wakes.empty() &&
        unit.due.empty()) {
        unit.asked.assign(some.spikes, some.spikes + some.spike_count);
    } else {
        for (std::uint32_t k = 0; k < touched.size(); ++k) unit.asked.push_back(k);
    }
    unit.due.clear();
    if (unit.asked.empty()) return;
    synfire_neuron_slice asked = some;
    asked.count = static_cast<std::uint32_t>(unit.asked.size());
    asked.index = unit.asked.data();
    unit.silent.resize(unit.asked.size());
    population.neuron->silent_ticks(asked, unit.silent.data());
    for (std::size_t k = 0; k < unit.asked.size(); ++k) {
        const std::uint32_t silent = unit.silent[k];
        const bool never = silent == UINT32_MAX;
        if (never && unit.wakes.empty()) continue;
        unit.wakes.set(touched[unit.asked[k]], never ? Wakes::never : tick_ + 1 + silent);
    }
}

std::int32_t Engine::find_variable(std::uint32_t population, std::string_view name) const {
    const NeuronModel* model = network_.populations()[population].description.model;
    return model ? synfire::find_variable(*model->table->description, name) : -1;
}

void Engine::read(std::uint32_t p, std::size_t variable, std::vector<double>& values) const {
    const Population& population = network_.populations()[p];
    const Unit& unit = units_[p];
    values.resize(unit.count());
    if (!population.by_event) {
        for (std::uint32_t i = 0; i < values.size(); ++i)
            values[i] = unit.state.front().value(variable, i);
        return;
    }
    std::vector<std::uint32_t> silent;
    const StateColumns ahead = unit.lazy->all(tick_, silent);
    synfire_neuron_slice all{};
    all.size = sizeof all;
    all.count = unit.count();
    all.tick = tick_;
    all.state = ahead.columns();
    all.first = unit.targets.begin;
    population.neuron->decay(all, silent.data());
    for (std::uint32_t i = 0; i < values.size(); ++i) values[i] = ahead.value(variable, i);
}

std::optional<Engine::DivergedNeuron> Engine::find_diverged(std::uint32_t p) const {
    const Population& population = network_.populations()[p];
    const Unit& unit = units_[p];
    if (!population.neuron) return std::nullopt;
    auto look = [&](const StateColumns& state) -> std::optional<DivergedNeuron> {
        const auto lost = state.find_diverged();
        if (!lost) return std::nullopt;
        const auto& variable =
            population.description.model->table->description->variables[lost->variable];
        return DivergedNeuron{unit.targets.begin + static_cast<std::uint32_t>(lost->element),
                              variable.name, state.value(lost->variable, lost->element)};
    };
    if (!population.by_event) return look(unit.state.front());
    std::vector<std::uint32_t> silent;
    return look(unit.lazy->all(tick_, silent));
}

void Engine::keep_psi(std::uint32_t ticks) {
    for (Unit& unit : units_) unit.psi.resize(unit.psi.size() / psi_ticks_ * ticks);
    psi_ticks_ = ticks;
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
        if (unit.lazy) bytes += unit.lazy->bytes();
        for (const std::uint32_t p : unit.incoming)
            if (releases_[p]) bytes += releases_[p]->bytes();
        bytes += (unit.input.size() + unit.fired.capacity()) * 4 +
                 (unit.input64.size() + unit.inhibitory64.size()) * 8 +
                 (unit.precomputed ? unit.precomputed->bytes() : 0);
    }
    return bytes;
}

}  // namespace synfire
