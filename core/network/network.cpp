#include "network/network.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/fingerprint.hpp"
#include "base/random.hpp"
#include "experiment/instances.hpp"
#include "experiment/weight_range.hpp"
#include "kernels/standardise.hpp"
#include "network/weights_file.hpp"
#include "topologies/topology_type.hpp"

namespace synfire {
namespace {

void draw_weights(Matrix& weights, float fan_in, const nlohmann::json& form, Random random) {
    const std::string kind = form.at("distribution");
    auto fill = [&](auto draw) {
        for (std::uint32_t j = 0; j < weights.rows; ++j)
            for (float& w : weights.values(j)) w = draw();
    };
    if (kind == "kaiming_normal") {
        const float deviation = std::sqrt(2.0f / fan_in);
        fill([&] { return deviation * random.normal(); });
    } else if (kind == "kaiming_uniform") {
        const float bound = 1.0f / std::sqrt(fan_in);
        fill([&] { return random.uniform(-bound, bound); });
    } else if (kind == "normal") {
        const float mean = form.at("mean"), deviation = form.at("std");
        fill([&] { return mean + deviation * random.normal(); });
    } else if (kind == "uniform") {
        const float low = form.at("low"), high = form.at("high");
        fill([&] { return std::min(high, random.uniform(low, high)); });
    } else {
        const float value = form.at("value");
        fill([&] { return value; });
    }
}

// visit(weight) for every weight until it answers false.
template <class Visit>
void for_each_weight(const Projection& p, Visit visit) {
    if (p.one_weight && !visit(*p.one_weight)) return;
    for (const double w : p.listed)
        if (!visit(w)) return;
    for (std::uint32_t r = 0; r < p.weights.rows; ++r)
        for (const float w : p.weights.values(r))
            if (!visit(w)) return;
}

}  // namespace

double amount_to_build(const NetworkDescription& description) {
    double amount = 0;
    for (const ProjectionDescription& p : description.projections)
        amount += topology_type(*p.json).amount(*p.json, description.populations[p.source].extent(),
                                                description.populations[p.target].extent());
    return amount;
}

Network::Network(NetworkDescription description, std::uint64_t seed, const std::vector<bool>& swept)
    : description_(std::move(description)) {
    for (const ProjectionDescription& p : description_.projections)
        build_projection(p, seed, !swept.empty(), p.source < swept.size() && swept[p.source]);
    for (std::size_t i = 0; i < description_.populations.size(); ++i)
        build_population(description_.populations[i], seed, i < swept.size() && swept[i]);
    const bool backward =
        std::ranges::any_of(description_.projections, [](const ProjectionDescription& p) {
            return p.training_rule && p.training_rule->model->backward() &&
                   !p.training_rule->model->local();
        });
    for (Projection& p : projections_) {
        p.carries_back = p.source < swept.size() && swept[p.source];
        p.carries_back_by_sign = p.both_signs && backward;
    }
    if (!swept.empty()) round_listed();
    refresh();
}

void Network::build_population(const PopulationDescription& description, std::uint64_t seed,
                               bool swept) {
    Population population;
    population.description = description;
    if (description.relay) {
        const auto index = static_cast<std::uint32_t>(populations_.size());
        if (description_.adds(index)) population.description.size = description_.emitting(index);
    }
    if (description.has_neurons()) {
        population.neuron = make_neuron(description_, populations_.size(), seed);
        population.initial = make_initial(description_, populations_.size(), seed);
        population.kept_variables = description.model->kept_variables();
        population.kept =
            Matrix(static_cast<std::uint32_t>(population.kept_variables.size()), description.size);
        for (std::uint32_t r = 0; r < population.kept.rows; ++r)
            std::ranges::fill(population.kept.values(r),
                              static_cast<float>(description.model->table->description
                                                     ->variables[population.kept_variables[r]]
                                                     .initial));
        for (const InitialValues& initial : population.initial)
            for (std::uint32_t r = 0; r < population.kept.rows; ++r)
                if (population.kept_variables[r] == initial.variable)
                    std::ranges::transform(initial.values, population.kept.row(r),
                                           [](double v) { return static_cast<float>(v); });
    }
    resolve_integration(population, static_cast<std::uint32_t>(populations_.size()), swept);
    if (population.by_event) population.fires_alone = population.neuron->fires_alone();
    populations_.push_back(std::move(population));
}

// The documented rule (docs/architecture.md): `auto` is `event` where the neuron has a closed form
// for silent ticks and does not fire in them but after a spike, nobody has to see the population at
// every tick, and neither a bias nor a projection onto all of its neurons would touch them all
// anyway.
void Network::resolve_integration(Population& population, std::uint32_t index, bool swept) const {
    const PopulationDescription& d = population.description;
    if (!d.has_neurons()) return;
    if (d.integration == Integration::event && !population.neuron->knows_silence())
        throw InputError(
            {{fmt::format("/network/populations/{}/integration", index),
              fmt::format(
                  "Neurons of '{}' may fire without input, and '{}' does not say when, which "
                  "\"integration\": \"event\" needs; allowed: 'auto' or 'tick'.",
                  d.name, d.model->id()),
              "", 0}});
    if (d.integration != Integration::automatic) {
        population.by_event = d.integration == Integration::event;
        population.by_event_reason = "as the network says";
        return;
    }
    std::string reason;
    if (!d.model->has_closed_form())
        reason = "the neuron has no closed form for silent ticks";
    else if (population.neuron->fires_alone() == SYNFIRE_ALONE_ALWAYS)
        reason = "its neurons fire without input";
    else if (!population.neuron->knows_silence())
        reason = "the neuron does not say when it fires without input";
    if (reason.empty() && !d.each.empty()) reason = "its neurons have different parameters";
    if (reason.empty() && !d.initial.empty()) reason = "its neurons begin with given values";
    if (reason.empty() && population.kept.rows > 0)
        reason = "it has variables that survive from sample to sample";
    if (reason.empty() && swept) reason = "training needs it at every tick";
    if (reason.empty() && d.noise) reason = "noise reaches it at every tick";
    for (const Projection& p : projections_) {
        if (!reason.empty() || p.target != index) continue;
        if (p.has_bias()) reason = "a bias reaches it at every tick";
        if (p.topology->reaches_all())
            reason = fmt::format("a spike through '{}' reaches all of it", p.name);
    }
    population.by_event = reason.empty();
    population.by_event_reason = reason.empty() ? "spikes reach few of its neurons" : reason;
}

void Network::build_projection(const ProjectionDescription& d, std::uint64_t seed, bool in_training,
                               bool swept_source) {
    const auto index = static_cast<std::uint32_t>(projections_.size());
    Projection p;
    p.source = description_.emitter(d.source);
    p.target = d.target;
    p.delay = d.delay;
    p.name = d.name;
    p.learn = in_training && d.learn;
    p.value_in_training = description_.value_in_training(d.source);
    const Extent source = description_.populations[d.source].extent();
    const PopulationDescription& target = description_.populations[d.target];
    const bool is_double = target.has_neurons() && target.model->input_is_double();
    const std::optional<double> only = only_weight(*d.json);
    const std::optional<RuleChoice>& chosen = in_training ? d.training_rule : d.rule;
    const RuleChoice* const writes = chosen && chosen->model->writes_weights() ? &*chosen : nullptr;
    // Weights that learn, or that learning signals may go back through, are kept one by one.
    const bool as_matrix = p.learn || swept_source;
    p.topology =
        topology_type(*d.json).make(*d.json, source, target.extent(),
                                    {seed, index, is_double && only && !writes && !as_matrix});
    if (description_.adds(d.target)) {
        std::uint32_t first = 0;
        for (const std::uint32_t other : description_.poolings[d.target])
            if (other < index)
                first += description_.emitting(description_.projections[other].source);
        p.topology =
            part_of_relay(description_.emitting(d.source), first, description_.emitting(d.target));
    } else if (description_.hands_on(d.source)) {
        p.topology = behind_relay(description_.handed_on(d.source), std::move(p.topology));
    }
    if (writes) {
        p.rule = make_rule(description_, index, *writes);
        p.modulator = writes->modulator;
        p.modulator_delay = writes->modulator_delay;
        p.takes_reward = writes->reward;
    }
    if (d.release) p.release = make_release(description_, index);
    if (d.bias) p.bias = Matrix(1, p.topology->bias_count());
    if (d.standardise) {
        p.gain = Matrix(1, p.topology->make_weights().columns);
        std::ranges::fill(p.gain.values(0), d.json->at("gain").get<float>());
    }
    set_weights(p, d, as_matrix, Random(seed, Stream::weights, index, 0));
    if (writes) check_range(p, *writes->model, index);
    if (is_double && target.model->input_is_signed()) find_sign(p);
    if (d.standardise || p.topology->amplitude() * p.value_in_training != 1.0f)
        p.effective = p.topology->make_weights();
    if (writes && !in_training && !p.changes_at_once())
        throw InputError(
            {{fmt::format("/network/projections/{}/rule", index),
              fmt::format(
                  "'{}' changes weights of '{}' that several synapses share or that are "
                  "standardised, which it can in training alone; in a run: weights of dense, "
                  "one_to_one or sparse projections, not standardised. \"rule\": \"none\" leaves "
                  "them as they are.",
                  writes->model->id(), p.name),
              "", 0}});
    if (writes && !in_training && p.takes_reward)
        throw InputError({{fmt::format("/network/projections/{}/rule/modulator", index),
                           fmt::format("A run has no task that would reward '{}'; a population is "
                                       "expected, or `synfire train`.",
                                       p.name),
                           "", 0}});
    projections_.push_back(std::move(p));
}

void Network::set_weights(Projection& p, const ProjectionDescription& d, bool as_matrix,
                          Random random) const {
    const PopulationDescription& target = description_.populations[d.target];
    const bool is_double = target.has_neurons() && target.model->input_is_double();
    const nlohmann::json& initial = d.json->at("weights");
    const std::span<const double> given = p.topology->given_weights();
    if (!given.empty()) {
        p.listed = given;
        if (!is_double) p.round_listed();
        return;
    }
    const bool may_be_one = is_double && !as_matrix && p.topology->kernel_shape().empty();
    if (may_be_one) p.one_weight = only_weight(*d.json);
    if (p.one_weight) return;
    p.weights = p.topology->make_weights();
    if (initial.at("distribution") == "file") {
        auto saved = read_projection(initial.at("file"), initial.value("projection", d.name),
                                     {d.name, *p.topology, p.has_bias(), p.standardises()});
        auto set = [](Matrix& matrix, const std::vector<double>& values) {
            if (values.empty()) return;  // a file need not have all
            auto next = values.begin();
            for (std::uint32_t r = 0; r < matrix.rows; ++r)
                for (float& value : matrix.values(r)) value = static_cast<float>(*next++);
        };
        set(p.bias, p.has_bias() ? saved.bias : std::vector<double>{});
        set(p.gain, saved.gain);
        const std::vector<double>& weights = saved.weights;
        if (may_be_one && !weights.empty() &&
            std::ranges::all_of(weights, [&](double w) { return w == weights.front(); })) {
            p.one_weight = weights.front();
            p.weights = {};
        } else if (is_double && !p.learn && p.topology->lists_synapses()) {
            p.loaded = std::move(saved.weights);
            p.listed = p.loaded;
            p.weights = {};
        } else {
            set(p.weights, weights);
        }
        return;
    }
    draw_weights(p.weights, p.topology->fan_in(), initial, random);
}

void Network::check_range(const Projection& p, const RuleModel& rule, std::uint32_t index) const {
    const RuleInstance::WeightRange range = p.rule->weight_range();
    for_each_weight(p, [&](double w) {
        if (takes(range, w)) return true;
        throw InputError({{fmt::format("/network/projections/{}/weights", index),
                           refusal_of_weight(p.name, w, rule, range), "", 0}});
    });
}

void Network::find_sign(Projection& p) {
    if (p.rule) {  // also weights that begin at 0
        const auto [low, high] = p.rule->weight_range();
        p.both_signs = low < 0 && high > 0;
        p.inhibits = high <= 0;
        return;
    }
    bool positive = p.learn, negative = p.learn;
    for_each_weight(p, [&](double w) {
        positive = positive || w > 0;
        negative = negative || w < 0;
        return !(positive && negative);
    });
    p.both_signs = positive && negative;
    p.inhibits = negative && !positive;
}

void Network::append(std::vector<Parameter>& list, Projection& p) {
    if (p.weights.rows == 0) return;  // a pooling, or synapses of one weight
    list.push_back({p.name + " weight", &p.weights});
    if (p.has_bias()) list.push_back({p.name + " bias", &p.bias});
    if (p.standardises()) list.push_back({p.name + " gain", &p.gain});
}

std::vector<Parameter> Network::learned() {
    std::vector<Parameter> list;
    for (Projection& p : projections_)
        if (p.learn && !p.rule) append(list, p);
    return list;
}

std::vector<Parameter> Network::parameters() {
    std::vector<Parameter> list;
    for (Projection& p : projections_) append(list, p);
    for (Population& p : populations_)
        if (p.kept.rows > 0) list.push_back({p.description.name + " kept state", &p.kept});
    return list;
}

void Projection::refresh(std::uint32_t begin, std::uint32_t end) {
    if (effective.rows == 0) return;
    const float amplitude = this->amplitude();
    if (standardises()) {
        standardise(weights, gain, effective, begin, end);
        if (amplitude == 1.0f) return;
    }
    const Matrix& from = standardises() ? effective : weights;
    for (std::uint32_t r = 0; r < weights.rows; ++r)
        for (std::uint32_t c = begin; c < end; ++c)
            effective.row(r)[c] = amplitude * from.row(r)[c];
}

void Projection::transpose() {
    if (!carries_back) return;
    topology->transpose(used(), transposed);
    if (!both_signs || !carries_back_by_sign) return;
    for (const bool inhibitory : {false, true}) {
        Side& side = sides[inhibitory];
        side.weights = used();
        for (float& weight : side.weights.data)
            if ((weight < 0) != inhibitory) weight = 0;
        topology->transpose(side.weights, side.transposed);
    }
}

void Network::refresh() {
    for (Projection& p : projections_) {
        p.refresh(0, static_cast<std::uint32_t>(p.weights.stride));
        p.transpose();
    }
}

void Projection::round_listed() {
    if (listed.empty()) return;
    weights = topology->make_weights();
    std::ranges::transform(listed, weights.row(0), [](double w) { return static_cast<float>(w); });
    listed = {};
}

void Network::round_listed() {
    for (Projection& p : projections_) p.round_listed();
}

void Network::value_events(bool in_training) {
    for (Projection& p : projections_) {
        const float value = in_training ? p.value_in_training : 1.0f;
        if (std::exchange(p.value, value) == value) continue;
        p.refresh(0, static_cast<std::uint32_t>(p.weights.stride));
        p.transpose();
    }
}

std::uint64_t Network::synapse_count() const {
    std::uint64_t count = 0;
    for (const Projection& p : projections_) count += p.topology->synapse_count();
    return count;
}

double Projection::bytes_per_event() const {
    const auto synapses = static_cast<double>(topology->synapse_count());
    if (!topology->lists_synapses() || synapses == 0) return sizeof(float);
    return static_cast<double>(topology->bytes() + listed.size_bytes() + weights.bytes()) /
           synapses;
}

std::size_t Network::synapse_bytes() const {
    std::size_t bytes = 0;
    for (const Projection& p : projections_)
        bytes += p.topology->bytes() + p.listed.size_bytes() + p.weights.bytes();
    return bytes;
}

std::size_t Network::weight_bytes() const {
    std::size_t bytes = 0;
    for (const Projection& p : projections_)
        bytes += p.listed.size_bytes() + p.weights.bytes() + p.bias.bytes() + p.gain.bytes() +
                 p.effective.bytes() + p.transposed.bytes() + p.grouped.bytes();
    for (const Projection& p : projections_)
        for (const Projection::Side& side : p.sides)
            bytes += side.weights.bytes() + side.transposed.bytes();
    return bytes;
}

namespace {

template <class Visit>
void for_each_array(const std::vector<Projection>& projections, Visit visit) {
    for (const Projection& p : projections)
        for (const Matrix* m : {&p.weights, &p.bias, &p.gain}) visit(*m);
}

}  // namespace

std::uint64_t Network::parameter_count() const {
    std::uint64_t count = 0;
    for_each_array(projections_,
                   [&](const Matrix& m) { count += std::uint64_t{m.rows} * m.columns; });
    for (const Projection& p : projections_) count += p.listed.size();
    return count;
}

std::uint64_t Network::fingerprint() const {
    Fingerprint fingerprint;
    for_each_array(projections_, [&](const Matrix& m) {
        for (std::uint32_t r = 0; r < m.rows; ++r)
            for (const float value : m.values(r))
                fingerprint.add(std::bit_cast<std::uint32_t>(value));
    });
    for (const Population& p : populations_)
        for (std::uint32_t r = 0; r < p.kept.rows; ++r)
            for (const float value : p.kept.values(r))
                fingerprint.add(std::bit_cast<std::uint32_t>(value));
    for (const Projection& p : projections_)
        for (const double value : p.listed) {
            const auto bits = std::bit_cast<std::uint64_t>(value);
            fingerprint.add(static_cast<std::uint32_t>(bits));
            fingerprint.add(static_cast<std::uint32_t>(bits >> 32));
        }
    return fingerprint.value();
}

}  // namespace synfire
