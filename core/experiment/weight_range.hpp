// Whether initial weights suit a plastic rule, which says the range of those that it takes. What
// can be told from the network's file is told before anything is drawn.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "plugins/instance.hpp"
#include "plugins/registry.hpp"

namespace synfire {

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
