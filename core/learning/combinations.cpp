#include "learning/combinations.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "json/document.hpp"
#include "learning/experiment.hpp"
#include "topologies/topology_type.hpp"

namespace synfire {
namespace {

using json = nlohmann::json;

json projection(const std::string& rule, bool modulated, const std::string& topology,
                double weight) {
    json p = {{"source", "in"},
              {"target", "cells"},
              {"topology", topology},
              {"rule", {{"name", rule}}},
              {"weights", {{"distribution", "constant"}, {"value", weight}}}};
    if (modulated) p["rule"]["modulator"] = "reward";
    if (topology == "sparse") p["in_degree"] = 4;
    if (topology.starts_with("conv")) p["kernel"] = 3;
    return p;
}

json experiment(const NeuronModel& neuron, const RuleModel& rule, const std::string& topology,
                double weight) {
    const std::string name(rule.id());
    json cells = {{"name", "cells"}, {"neuron", std::string(neuron.id())}};
    if (topology == "conv2d")
        cells["shape"] = {2, 4, 4};
    else if (topology == "conv_transpose2d")
        cells["shape"] = {2, 8, 8};
    else
        cells["size"] = topology == "one_to_one" ? 36 : 8;
    json network = {
        {"populations", {{{"name", "in"}, {"shape", {1, 6, 6}}, {"neuron", "input"}}, cells}},
        {"projections", {projection(name, rule.needs_modulator(), topology, weight)}}};
    if (neuron.spikes()) {
        network["populations"].push_back(
            {{"name", "out"}, {"size", 4}, {"neuron", "linear_readout"}});
        network["projections"].push_back({{"source", "cells"}, {"target", "out"}});
    }
    return {
        {"network", network},
        {"input", {{"format", "spikes"}, {"population", "in"}, {"ticks", 6}, {"events", {{0, 0}}}}},
        {"training",
         {{"rule", name},
          {"readout", neuron.spikes() ? "out" : "cells"},
          {"epochs", 1},
          {"batch", 2}}}};
}

std::string refusal(const json& e, const PluginRegistry& plugins,
                    const std::vector<InputFormat>& formats) {
    try {
        const Experiment read =
            read_experiment(Document::from_text(e.dump(), "combination"), plugins, formats);
        Network(read.network, 1, trained_populations(read.network));
        return "";
    } catch (const InputError& error) {
        return error.problems().front().message;
    }
}

}  // namespace

std::vector<Combination> combinations(const PluginRegistry& plugins,
                                      const std::vector<InputFormat>& formats) {
    std::vector<Combination> all;
    for (const NeuronModel& neuron : plugins.neurons())
        for (const RuleModel& rule : plugins.rules())
            for (const TopologyType& topology : topology_types()) {
                if (topology.pools) continue;
                Combination c{
                    std::string(neuron.id()), std::string(rule.id()), topology.name, "", {}};
                for (const double weight : {0.5, -0.5}) {  // some rules take one sign alone
                    c.experiment = experiment(neuron, rule, topology.name, weight);
                    const std::string reason = refusal(c.experiment, plugins, formats);
                    if (weight > 0) c.reason = reason;
                    if (!reason.empty()) continue;
                    c.reason = "";
                    break;
                }
                all.push_back(std::move(c));
            }
    return all;
}

std::string to_markdown(const std::vector<Combination>& all) {
    std::vector<std::string> topologies, reasons;
    for (const Combination& c : all)
        if (std::ranges::count(topologies, c.topology) == 0) topologies.push_back(c.topology);
    std::string text = "| neuron | rule |";
    for (const std::string& t : topologies) text += fmt::format(" {} |", t);
    text += "\n|---|---|";
    for (std::size_t i = 0; i < topologies.size(); ++i) text += "---|";
    for (std::size_t i = 0; i < all.size(); ++i) {
        const Combination& c = all[i];
        if (i % topologies.size() == 0) text += fmt::format("\n| {} | {} |", c.neuron, c.rule);
        if (c.reason.empty()) {
            text += " works |";
            continue;
        }
        auto known = std::ranges::find(reasons, c.reason);
        if (known == reasons.end()) known = reasons.insert(reasons.end(), c.reason);
        text += fmt::format(" {} |", known - reasons.begin() + 1);
    }
    text += "\n\n";
    for (std::size_t k = 0; k < reasons.size(); ++k)
        text += fmt::format("{}. {}\n", k + 1, reasons[k]);
    return text;
}

}  // namespace synfire
