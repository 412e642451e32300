// The weights of a whole network at the tick where a simulation stands, as one HDF5 file:
//
//   ticks                                   how many are over
//   projections/<name>/source_population, target_population
//   projections/<name>/source, target       of every synapse, by source and then by target
//   projections/<name>/weight               of every synapse; of one that all have: one element; of
//   a
//                                           convolution, in place of synapses: [row, column, source
//                                           channel, target channel]
//   projections/<name>/bias                 where there is one
//
// Standardised weights are those that spikes meet. Poolings have no weights and are left out.
#pragma once

#include <string>

#include "engine/simulation.hpp"

namespace synfire {

// Throws InputError where no file of that name could be written.
void require_place_for_weights(const std::string& path);

// Replaces the file, or leaves it as it is and throws std::runtime_error.
void save_weights(const std::string& path, const Simulation& simulation);

}  // namespace synfire
