// Which neurons learn by which rules over which topologies: a small experiment is made of each
// combination and read, so what this says is what reading an experiment says.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "learning/input.hpp"
#include "plugins/registry.hpp"

namespace synfire {

struct Combination {
    std::string neuron, rule, topology;
    std::string reason;  // why it does not work, a sentence; "" where it does
    nlohmann::json experiment;
};

// Every neuron, with every rule, over every topology that has weights, in this order. formats: with
// "spikes" among them.
std::vector<Combination> combinations(const PluginRegistry& plugins,
                                      const std::vector<InputFormat>& formats);

// As a table: a row a neuron and rule, a column a topology; the reasons are listed below it.
std::string to_markdown(const std::vector<Combination>& combinations);

}  // namespace synfire
