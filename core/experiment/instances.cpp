#include "experiment/instances.hpp"

#include <fmt/format.h>

namespace synfire {

std::unique_ptr<NeuronInstance> make_neuron(const NetworkDescription& network,
                                            std::size_t population) try {
    const PopulationDescription& d = network.populations[population];
    return std::make_unique<NeuronInstance>(d.model->table, d.parameters, network.dt_ms);
} catch (const PluginError& error) {
    throw InputError(
        {{fmt::format("/network/populations/{}/parameters", population),
          fmt::format("Population '{}': {}.", network.populations[population].name, error.what()),
          "", 0}});
}

std::unique_ptr<RuleInstance> make_rule(const NetworkDescription& network, std::size_t projection,
                                        const RuleChoice& choice) try {
    const ProjectionDescription& d = network.projections[projection];
    const PopulationDescription& target = network.populations[d.target];
    const synfire_rule_site site{
        sizeof site, network.populations[network.emitter(d.source)].size, target.size,
        target.has_neurons() && target.model->spikes() ? 1u : 0u, network.dt_ms};
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
