// The plugins' instances that a network's description asks for. A plugin's refusal becomes a
// problem of the JSON: with the population or projection, the pointer, and the plugin's own words.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "experiment/description.hpp"
#include "plugins/instance.hpp"

namespace synfire {

// Throws InputError. Of a population that has neurons; seed: of parameters that are drawn.
std::unique_ptr<NeuronInstance> make_neuron(const NetworkDescription& network,
                                            std::size_t population, std::uint64_t seed);

// What a population's neurons begin with, where its JSON says so.
struct InitialValues {
    std::uint32_t variable;
    std::vector<double> values;  // one a neuron
};
// Throws InputError.
std::vector<InitialValues> make_initial(const NetworkDescription& network, std::size_t population,
                                        std::uint64_t seed);

// Throws InputError. A projection's rule, for that projection alone.
std::unique_ptr<RuleInstance> make_rule(const NetworkDescription& network, std::size_t projection,
                                        const RuleChoice& choice);

// Throws InputError. Of a projection that has a release.
std::unique_ptr<ReleaseInstance> make_release(const NetworkDescription& network,
                                              std::size_t projection);

}  // namespace synfire
