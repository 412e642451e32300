#include "experiment/weight_range.hpp"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <vector>

namespace synfire {
namespace {

bool lists_weights(const nlohmann::json& projection) {
    return projection.contains("synapses") && !projection.at("synapses").empty() &&
           projection.at("synapses")[0].size() == 3;
}

// Weights that the JSON names, between which all others lie.
std::vector<double> named_weights(const nlohmann::json& projection) {
    std::vector<double> weights;
    if (lists_weights(projection)) {
        for (const auto& synapse : projection.at("synapses")) weights.push_back(synapse[2]);
        return weights;
    }
    const nlohmann::json& drawn = projection.at("weights");
    for (const char* key : {"value", "low", "high"})
        if (drawn.contains(key)) weights.push_back(drawn.at(key));
    return weights;
}

}  // namespace

std::optional<double> only_weight(const nlohmann::json& projection) {
    if (lists_weights(projection)) return std::nullopt;
    const nlohmann::json& drawn = projection.at("weights");
    const std::string kind = drawn.at("distribution");
    if (kind == "constant") return drawn.at("value").get<double>();
    if (kind == "normal" && drawn.at("std") == 0.0) return drawn.at("mean").get<double>();
    if (kind == "uniform" && drawn.at("low") == drawn.at("high"))
        return drawn.at("low").get<double>();
    return std::nullopt;
}

bool takes(const RuleInstance::WeightRange& range, double weight) {
    const auto w = static_cast<float>(weight);
    return std::isfinite(w) && w >= static_cast<float>(range.low) &&
           w <= static_cast<float>(range.high);
}

std::string refusal_of_weight(const std::string& projection, double weight, const RuleModel& rule,
                              const RuleInstance::WeightRange& range) {
    return fmt::format(
        "'{}' has a weight of {:.9g}, and '{}' with these parameters takes weights from {:.9g} to "
        "{:.9g}.",
        projection, weight, rule.id(), range.low, range.high);
}

std::string refusal_of_weights(const std::string& name, const nlohmann::json& projection,
                               const RuleModel& rule, const RuleInstance::WeightRange& range) {
    const std::vector<double> weights = named_weights(projection);
    for (const double w : weights)
        if (!takes(range, w)) return refusal_of_weight(name, w, rule, range);
    const std::string kind = projection.at("weights").at("distribution");
    const bool both_signs = weights.empty() && kind.starts_with("kaiming");
    if (both_signs && (range.low >= 0 || range.high <= 0))
        return fmt::format(
            "'{}' has weights of both signs ('{}'), and '{}' with these parameters takes weights "
            "from {:.9g} to {:.9g}; another distribution is expected.",
            name, kind, rule.id(), range.low, range.high);
    return "";
}

}  // namespace synfire
