// What can be told of initial weights from the network's file, before anything is drawn: whether
// there is only one, and whether they suit a plastic rule, which says the range of those that it
// takes.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "plugins/instance.hpp"
#include "plugins/registry.hpp"

namespace synfire {

// The one weight that all synapses of a projection's JSON, completed, begin with, or nothing where
// they are drawn or listed.
std::optional<double> only_weight(const nlohmann::json& projection);

// Whether a weight is in the range, both in the single precision of plastic weights.
bool takes(const RuleInstance::WeightRange& range, double weight);

// A sentence about a weight that the rule does not take.
std::string refusal_of_weight(const std::string& projection, double weight, const RuleModel& rule,
                              const RuleInstance::WeightRange& range);

// The same about the weights of a projection's JSON, completed; "" where nothing can be said
// against them yet.
std::string refusal_of_weights(const std::string& name, const nlohmann::json& projection,
                               const RuleModel& rule, const RuleInstance::WeightRange& range);

}  // namespace synfire
