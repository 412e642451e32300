// Initial weights of a projection out of a file: what `synfire run --save` wrote, or a checkpoint
// of `synfire train`.
#pragma once

#include <string>
#include <vector>

#include "topologies/topology.hpp"

namespace synfire {

// The weights of the projection of that name in the file, in the order of the topology's matrix
// (Topology::make_weights), without padding. Throws InputError where the file has none, or those of
// other synapses or of another kernel.
std::vector<double> read_weights(const std::string& path, const std::string& projection,
                                 const Topology& topology);

}  // namespace synfire
