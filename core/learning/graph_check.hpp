// Whether the graph of an experiment can do what the experiment is for: spikes have somewhere to
// come from, and what is to learn is both driven and taught. Found out before anything runs.
#pragma once

#include <cstdint>
#include <optional>

#include "base/problem.hpp"
#include "learning/training_description.hpp"

namespace synfire {

// input: the population that /input names, where there is one.
void check_inputs(const NetworkDescription& network, std::optional<std::uint32_t> input,
                  Problems& problems);

// To be used only where everything else about the experiment is right. ticks: of a sample.
void check_trained_graph(const NetworkDescription& network, std::uint32_t input,
                         const TrainingDescription& training, std::uint32_t ticks,
                         Problems& problems);

}  // namespace synfire
