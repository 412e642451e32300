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

std::unique_ptr<RuleInstance> make_plastic_rule(const NetworkDescription& network,
                                                std::size_t projection) try {
    const ProjectionDescription& d = network.projections[projection];
    const synfire_rule_site site{sizeof site, network.populations[network.emitter(d.source)].size,
                                 network.populations[d.target].size, 1, network.dt_ms};
    return std::make_unique<RuleInstance>(d.rule->table, d.rule_parameters, site);
} catch (const PluginError& error) {
    throw InputError(
        {{fmt::format("/network/projections/{}/plasticity/parameters", projection),
          fmt::format("Projection '{}': {}.", network.projections[projection].name, error.what()),
          "", 0}});
}

}  // namespace synfire
