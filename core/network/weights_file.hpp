// Initial weights of a projection out of a file: what `synfire run --save` wrote, or a checkpoint
// of `synfire train`.
#pragma once

#include <string>
#include <vector>

#include "topologies/topology.hpp"

namespace synfire {

// What a file says of one projection.
struct SavedProjection {
    std::vector<double> weights;  // in the order of the topology's matrix, without padding
    std::vector<double> bias;     // empty where the file has none
    std::vector<double> gain;     // of standardised weights; empty where the file has none
};

// What the projection that is called `name` takes from the one that the file calls `saved`. Throws
// InputError where the file has no weights of it, those of other synapses or of another kernel,
// anything that is not finite, or what this projection has no place for: a bias, a gain, or weights
// that are standardised already where it would do so again.
struct Takes {
    std::string name;
    const Topology& topology;
    bool bias, gain;  // whether it has one
};
SavedProjection read_projection(const std::string& path, const std::string& saved,
                                const Takes& takes);

}  // namespace synfire
