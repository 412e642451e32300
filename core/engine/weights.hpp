// The synapses of a projection one by one, with the weights that they have at the tick where a
// simulation stands. The order is by source, then by target, whatever the number of parts.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/simulation.hpp"

namespace synfire {

// Neurons as the network's file names them: behind an averaging relay, the relay's.
struct Synapses {
    std::vector<std::uint32_t> source, target;
};

// Whether it has weights at all: a pooling has none.
bool has_weights(const Projection& projection);

// Of a projection whose synapses have weights of their own, or one for all: not a convolution.
Synapses synapses_of(const Projection& projection);

// One weight a synapse, or one for all, or the elements of a kernel; standardised ones as spikes
// meet them. Of a projection whose weights no rule changes in a run, and at the tick where a run
// stands.
std::vector<double> weights_of(const Projection& projection);
std::vector<double> weights_of(const Simulation& simulation, std::uint32_t projection);

}  // namespace synfire
