#include "learning/graph_check.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "engine/state.hpp"
#include "plugins/instance.hpp"

namespace synfire {
namespace {

using Set = std::vector<bool>;  // of populations

const std::string& name(const NetworkDescription& network, std::uint32_t population) {
    return network.populations[population].name;
}

// A neuron left alone for a sample: whether it fires. True also where it cannot be tried.
bool fires_unfed(const PopulationDescription& population, double dt_ms, std::uint32_t ticks) {
    constexpr std::uint32_t most = 1000000;  // ticks that are tried
    const NeuronModel& model = *population.model;
    if (!model.spikes()) return false;
    if (ticks > most || !population.each.empty() || !population.initial.empty()) return true;
    try {
        const NeuronInstance neuron(model.table, population.parameters, dt_ms);
        StateColumns state(*model.table->description, population.parameters, {.neurons = 1});
        const AlignedVector<float> silence(padded(1));
        const AlignedVector<double> silence64(padded(1));
        std::vector<std::uint32_t> fired(1);
        synfire_neuron_slice slice{};
        slice.size = sizeof slice;
        slice.count = 1;
        slice.state = state.columns();
        slice.spikes = fired.data();
        slice.input = silence.data();
        if (model.input_is_double()) slice.input64 = silence64.data();
        if (model.input_is_signed()) slice.inhibitory64 = silence64.data();
        for (slice.tick = 0; slice.tick < ticks; ++slice.tick) {
            neuron.advance(slice);
            if (slice.spike_count > 0) return true;
        }
        return false;
    } catch (const PluginError&) {
        return true;  // building the network says what is wrong
    }
}

// Populations that may fire in a sample.
Set driven_populations(const NetworkDescription& network, std::uint32_t input,
                       std::uint32_t ticks) {
    Set driven(network.populations.size());
    auto spread = [&] {
        for (bool grew = true; grew;) {
            grew = false;
            for (const ProjectionDescription& p : network.projections)
                if (driven[p.source] && !driven[p.target]) driven[p.target] = grew = true;
        }
    };
    for (std::uint32_t i = 0; i < driven.size(); ++i) {
        const PopulationDescription& p = network.populations[i];
        driven[i] = i == input || p.schedule || (p.noise && p.noise->rate_hz > 0) ||
                    (p.has_neurons() && p.model->is_source());
    }
    for (const ProjectionDescription& p : network.projections)
        if (p.bias) driven[p.target] = true;
    spread();
    for (std::uint32_t i = 0; i < driven.size(); ++i) {
        const PopulationDescription& p = network.populations[i];
        if (driven[i] || !p.has_neurons() || !fires_unfed(p, network.dt_ms, ticks)) continue;
        driven[i] = true;
        spread();
    }
    return driven;
}

// Populations from which a way leads to another, which is one itself.
Set leading_to(const NetworkDescription& network, std::uint32_t end, bool through_delays) {
    Set leading(network.populations.size());
    leading[end] = true;
    for (bool grew = true; grew;) {
        grew = false;
        for (const ProjectionDescription& p : network.projections)
            if (leading[p.target] && !leading[p.source] && (through_delays || p.delay == 0))
                leading[p.source] = grew = true;
    }
    return leading;
}

}  // namespace

void check_inputs(const NetworkDescription& network, std::optional<std::uint32_t> input,
                  Problems& problems) {
    for (std::uint32_t i = 0; i < network.populations.size(); ++i) {
        if (!network.populations[i].takes_input() || input == i) continue;
        const std::string named =
            input ? fmt::format("names '{}'", name(network, *input)) : "is not given";
        problems.push_back(
            {fmt::format("/network/populations/{}", i),
             fmt::format("Nothing feeds the input '{}': /input/population {}. One population with "
                         "\"neuron\": \"input\" is allowed, the one named there; others may be "
                         "'spike_source' or a source such as 'poisson'.",
                         name(network, i), named),
             "", 0});
    }
}

namespace {

// Whether recordings make a difference to what says their class: the readout, or neurons that vote.
bool check_reached(const NetworkDescription& network, std::uint32_t input, std::uint32_t end,
                   const char* pointer, const char* what, Problems& problems) {
    const std::string out = name(network, end);
    if (std::ranges::none_of(network.projections, [&](const auto& p) { return p.target == end; })) {
        problems.push_back({pointer,
                            fmt::format("Nothing feeds {} '{}'; at least one projection onto it is "
                                        "needed.",
                                        what, out),
                            "", 0});
        return false;
    }
    if (!leading_to(network, end, true)[input])
        problems.push_back({"/input/population",
                            fmt::format("No projections lead from the input '{}' to {} '{}', so "
                                        "recordings make no difference; a way from one to the "
                                        "other is needed.",
                                        name(network, input), what, out),
                            "", 0});
    return true;
}

}  // namespace

void check_trained_graph(const NetworkDescription& network, std::uint32_t input,
                         const TrainingDescription& training, std::uint32_t ticks,
                         Problems& problems) {
    const std::optional<std::uint32_t> readout = training.readout;
    if (training.decoder.by_votes &&
        !check_reached(network, input, training.decoder.population, "/training/decoder/population",
                       "the voting population", problems))
        return;
    if (readout &&
        !check_reached(network, input, *readout, "/training/readout", "the readout", problems))
        return;
    for (std::size_t i = 0; i < training.heads.size(); ++i) {
        const std::string place = fmt::format("/training/heads/{}", i);
        if (!check_reached(network, input, training.heads[i], place.c_str(), "the head", problems))
            return;
    }
    if (std::ranges::none_of(network.projections, [](const auto& p) { return p.learn; })) {
        problems.push_back({"/network/projections",
                            "Nothing learns: every projection has \"learn\": false or is a "
                            "pooling; training needs one that learns.",
                            "", 0});
        return;
    }
    // A rule that learns as time goes is given errors that come back without delay, or directly.
    const bool direct = training.feedback != FeedbackKind::bp;
    const Set nowhere(network.populations.size());
    auto leading_to_any = [&](bool through_delays) {
        Set leading = nowhere;
        for (const JudgedOutput& judged : judged_outputs(network, training)) {
            const Set more = leading_to(network, judged.population, through_delays);
            for (std::size_t p = 0; p < leading.size(); ++p) leading[p] = leading[p] || more[p];
        }
        return leading;
    };
    const Set leading = leading_to_any(true), taught_at_once = leading_to_any(direct);
    const std::string out = readout ? name(network, *readout) : "";
    const Set driven = driven_populations(network, input, ticks);
    for (std::size_t i = 0; i < network.projections.size(); ++i) {
        const ProjectionDescription& p = network.projections[i];
        if (!p.learn) continue;
        auto complain = [&](std::string message) {
            problems.push_back(
                {fmt::format("/network/projections/{}", i), std::move(message), "", 0});
        };
        if (follows_gradient(p) && !leading[p.target])
            complain(
                fmt::format("'{}' cannot learn: nothing leads from '{}' to the readout '{}', "
                            "so no error reaches it; allowed: \"learn\": false, or a "
                            "projection from there on.",
                            p.name, name(network, p.target), out));
        else if (follows_gradient(p) &&
                 (!p.training_rule->model->backward() || p.training_rule->model->local()) &&
                 !taught_at_once[p.target])
            complain(
                fmt::format("'{}' cannot learn by '{}': errors go back from '{}' to '{}' only "
                            "through a delay, which its signals do not pass; allowed: "
                            "\"delay_ticks\": 0 on the way, \"feedback\": \"dfa\", a rule "
                            "that learns backward such as bptt, or \"learn\": false.",
                            p.name, p.training_rule->model->id(), out, name(network, p.target)));
        if (p.delay >= ticks)
            complain(
                fmt::format("'{}' cannot learn: its delay of {} ticks is as long as a sample "
                            "of {} or longer, so no spike ever arrives; allowed: a shorter "
                            "delay, or \"learn\": false.",
                            p.name, p.delay, ticks));
        if (p.json->contains("synapses") && p.json->at("synapses").empty())
            complain(
                fmt::format("'{}' cannot learn: its list of synapses is empty; at least one "
                            "is expected, or \"learn\": false.",
                            p.name));
        if (!driven[p.source])
            complain(
                fmt::format("'{}' cannot learn: no spike ever comes from '{}', which neither "
                            "the input nor a source drives; allowed: \"learn\": false, or "
                            "something that feeds it.",
                            p.name, name(network, p.source)));
    }
}

}  // namespace synfire
