// Experiments for tests, from JSON written in place.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "learning/experiment.hpp"
#include "learning/input.hpp"

namespace synfire::testing {

// Reads the experiment; fails the test on bad input.
Experiment experiment(const nlohmann::json& json);

// The problems that reading it reports, one a line; "" if there are none.
std::string problems_of(const nlohmann::json& json);

// A network description, likewise; whether anything feeds its inputs is not asked.
NetworkDescription network(const nlohmann::json& json);

// 6 inputs - 8 recurrent lif - readout of 3, trained by stllr on `spikes` input of 20 ticks.
nlohmann::json small_experiment();

// Recordings with random events, for small_experiment's input; label i % 3.
EventSet random_recordings(std::size_t count, std::uint32_t units, std::uint32_t ticks,
                           std::uint64_t seed);

}  // namespace synfire::testing
