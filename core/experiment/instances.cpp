#include "experiment/instances.hpp"

#include <fmt/format.h>

#include <cmath>

#include "base/numbers.hpp"
#include "plugins/descriptor_check.hpp"

namespace synfire {

namespace {

// Draws what is to be drawn. refusal(value): why a value is not allowed, words that follow it, or
// "".
template <class Refusal>
std::vector<double> values_of(const NeuronValues& each, const PopulationDescription& d,
                              Random random, const std::string& pointer, Refusal refusal) {
    auto refuse = [&](std::string message) {
        throw InputError({{pointer, std::move(message), "", 0}});
    };
    std::vector<double> values;
    try {
        values = each.values(d.size, random);
    } catch (const InputError& error) {
        refuse(error.problems().front().message);
    }
    for (std::size_t i = 0; i < values.size(); ++i)
        if (const std::string why = refusal(values[i]); !why.empty())
            refuse(fmt::format(
                "Neuron {} of '{}' is given {}, which {}{}", i, d.name, number_text(values[i]), why,
                each.listed.empty() ? "; \"min\" and \"max\" bound what is drawn." : "."));
    return values;
}

std::string refusal_of_parameter(const synfire_parameter& p, double value) {
    if (std::isfinite(value) && within_bounds(p, value)) return "";
    return fmt::format(
        "is not {} {}{}", p.flags & SYNFIRE_OPEN_MIN ? "above" : "at least", number_text(p.min),
        p.max < INFINITY
            ? fmt::format(" and {} {}", p.flags & SYNFIRE_OPEN_MAX ? "below" : "at most",
                          number_text(p.max))
            : "");
}

std::string refusal_of_state(const synfire_variable& v, double value) {
    if (!std::isfinite(value)) return "is no finite number";
    if (v.dtype == SYNFIRE_F32 && !fits_single(value))
        return fmt::format("single precision, from {:.4g} to {:.4g}, cannot hold", least_single,
                           largest_single);
    return "";
}

}  // namespace

std::unique_ptr<NeuronInstance> make_neuron(const NetworkDescription& network,
                                            std::size_t population, std::uint64_t seed) try {
    const PopulationDescription& d = network.populations[population];
    if (d.each.empty())
        return std::make_unique<NeuronInstance>(d.model->table, d.parameters, network.dt_ms);
    std::vector<std::vector<double>> columns;
    for (const double value : d.parameters) columns.emplace_back(d.size, value);
    for (const NeuronValues& each : d.each) {
        const synfire_parameter& p = d.model->table->description->parameters[each.index];
        columns[each.index] = values_of(
            each, d,
            Random(seed, Stream::parameters, static_cast<std::uint32_t>(population), each.index),
            fmt::format("/network/populations/{}/parameters/{}", population, p.name),
            [&](double value) { return refusal_of_parameter(p, value); });
    }
    return std::make_unique<NeuronInstance>(d.model->table, columns, network.dt_ms);
} catch (const PluginError& error) {
    throw InputError(
        {{fmt::format("/network/populations/{}/parameters", population),
          fmt::format("Population '{}': {}.", network.populations[population].name, error.what()),
          "", 0}});
}

std::vector<InitialValues> make_initial(const NetworkDescription& network, std::size_t population,
                                        std::uint64_t seed) {
    const PopulationDescription& d = network.populations[population];
    std::vector<InitialValues> all;
    for (const NeuronValues& each : d.initial) {
        const synfire_variable& v = d.model->table->description->variables[each.index];
        all.push_back(
            {each.index,
             values_of(each, d,
                       Random(seed, Stream::initial_state, static_cast<std::uint32_t>(population),
                              each.index),
                       fmt::format("/network/populations/{}/initial/{}", population, v.name),
                       [&](double value) { return refusal_of_state(v, value); })});
    }
    return all;
}

std::unique_ptr<RuleInstance> make_rule(const NetworkDescription& network, std::size_t projection,
                                        const RuleChoice& choice) try {
    const ProjectionDescription& d = network.projections[projection];
    const PopulationDescription& target = network.populations[d.target];
    const synfire_rule_site site{sizeof site, network.emitting(d.source), target.size,
                                 target.has_neurons() && target.model->spikes() ? 1u : 0u,
                                 network.dt_ms};
    return std::make_unique<RuleInstance>(choice.model->table, choice.parameters, site);
} catch (const PluginError& error) {
    throw InputError(
        {{fmt::format("/network/projections/{}/rule/parameters", projection),
          fmt::format("Projection '{}': {}.", network.projections[projection].name, error.what()),
          "", 0}});
}

std::unique_ptr<ReleaseInstance> make_release(const NetworkDescription& network,
                                              std::size_t projection) try {
    const ReleaseChoice& choice = *network.projections[projection].release;
    return std::make_unique<ReleaseInstance>(choice.model->table, choice.parameters, network.dt_ms);
} catch (const PluginError& error) {
    throw InputError(
        {{fmt::format("/network/projections/{}/release/parameters", projection),
          fmt::format("Projection '{}': {}.", network.projections[projection].name, error.what()),
          "", 0}});
}

}  // namespace synfire
