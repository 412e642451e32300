#include "engine/record_weights.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <numeric>

#include "base/suggest.hpp"
#include "json/form.hpp"
#include "topologies/topology_type.hpp"

namespace synfire {

Form record_weights_form() {
    Form form;
    form.fields = {
        text("projection", "whose weights are recorded").must(),
        integer("every_ticks",
                "of `synfire run`: ticks from one reading to the next; 1 where \"every_epochs\" is "
                "absent, too. The projection needs a \"rule\" that writes weights; others do not "
                "change in a run")
            .between(1, 1e9),
        integer("every_epochs",
                "of `synfire train`, in place of \"every_ticks\": epochs from one reading to the "
                "next, the first before the training")
            .between(1, 1e9),
        list("synapses", integer("", "").between(0, 4294967295.0),
             "which are recorded, numbered from 0 by source neuron and then by target neuron; all "
             "if absent"),
        integer("at_most", "records so many synapses at most, the first of all")
            .between(1, 4294967295.0),
    };
    return form;
}

RecordedWeights read_record_weights(const nlohmann::json& completed,
                                    const NetworkDescription& network, const std::string& pointer,
                                    Problems& problems) {
    RecordedWeights recorded;
    auto complain = [&](const std::string& place, std::string message) {
        problems.push_back({place, std::move(message), "", 0});
    };
    std::vector<std::string> names;
    for (const ProjectionDescription& p : network.projections) names.push_back(p.name);
    for (std::size_t i = 0; i < completed.size(); ++i) {
        const nlohmann::json& entry = completed[i];
        const std::string place = fmt::format("{}/{}", pointer, i);
        const std::string name = entry.at("projection");
        const auto found = std::ranges::find(names, name);
        if (found == names.end()) {
            const std::string hint = did_you_mean(name, names);
            complain(place + "/projection",
                     fmt::format("There is no projection '{}'{} Defined are {}.", name,
                                 hint.empty() ? "." : hint, list_of(names)));
            continue;
        }
        const bool in_training = entry.contains("every_epochs");
        WeightsDescription weights;
        weights.projection = static_cast<std::uint32_t>(found - names.begin());
        weights.every = in_training ? entry.at("every_epochs").get<std::uint32_t>()
                                    : entry.value("every_ticks", 1u);
        if (in_training && entry.contains("every_ticks"))
            complain(place,
                     "A reading is every so many \"every_ticks\" of a run or \"every_epochs\" of a "
                     "training; two entries may ask for both.");
        const ProjectionDescription& projection = network.projections[weights.projection];
        if (in_training && (!projection.learn || topology_type(*projection.json).pools))
            complain(place + "/projection",
                     fmt::format("'{}' has no weights that training changes.", name));
        if (!in_training && (!projection.rule || !projection.rule->model->writes_weights()))
            complain(place + "/projection",
                     fmt::format(
                         "'{}' has no \"rule\" that writes weights, so they stay as they are in a "
                         "run; `synfire run --save FILE` writes them, and \"every_epochs\" "
                         "records those of a training.",
                         name));
        auto& list = in_training ? recorded.in_training : recorded.in_run;
        if (std::ranges::count(list, weights.projection, &WeightsDescription::projection) > 0)
            complain(place,
                     fmt::format("'{}' is asked for already; everything is recorded once.", name));
        if (entry.contains("synapses"))
            weights.synapses = entry.at("synapses").get<std::vector<std::uint32_t>>();
        if (entry.contains("at_most")) weights.at_most = entry.at("at_most");
        if (entry.contains("synapses") && entry.contains("at_most"))
            complain(place, "Synapses are chosen by \"synapses\" or by \"at_most\", not by both.");
        list.push_back(std::move(weights));
        (in_training ? recorded.training_pointers : recorded.run_pointers).push_back(place);
    }
    return recorded;
}

std::vector<std::uint32_t> WeightsDescription::chosen(std::size_t count,
                                                      const std::string& projection_name,
                                                      const std::string& pointer) const {
    std::vector<std::uint32_t> numbers(std::min<std::size_t>(count, at_most));
    std::iota(numbers.begin(), numbers.end(), 0u);
    if (synapses) numbers = *synapses;
    for (std::size_t k = 0; k < numbers.size(); ++k)
        if (numbers[k] >= count)
            throw InputError(
                {{fmt::format("{}/synapses/{}", pointer, k),
                  fmt::format("There is no synapse {} of '{}'; it has {}, numbered from 0.",
                              numbers[k], projection_name, count),
                  "", 0}});
    return numbers;
}

WeightReader::WeightReader(const WeightsDescription& description, const Network& network,
                           const std::string& pointer)
    : projection_(description.projection) {
    const Projection& projection = network.projections()[projection_];
    const Synapses all = synapses_of(projection);
    const std::vector<std::uint32_t> chosen =
        description.chosen(all.source.size(), projection.name, pointer);
    for (const std::uint32_t synapse : chosen) {
        synapses_.source.push_back(all.source[synapse]);
        synapses_.target.push_back(all.target[synapse]);
    }
    sources_ = synapses_.source;
    std::ranges::sort(sources_);
    sources_.erase(std::unique(sources_.begin(), sources_.end()), sources_.end());
    // The rows that are read lie one after another.
    std::vector<std::size_t> shift;  // from a synapse's number to its place
    std::size_t length = 0;
    for (const std::uint32_t j : sources_) {
        const auto [row, row_end] = std::equal_range(all.source.begin(), all.source.end(), j);
        shift.push_back(length - static_cast<std::size_t>(row - all.source.begin()));
        length += static_cast<std::size_t>(row_end - row);
    }
    for (std::size_t k = 0; k < chosen.size(); ++k) {
        const auto row = std::ranges::lower_bound(sources_, synapses_.source[k]);
        places_.push_back(chosen[k] + shift[static_cast<std::size_t>(row - sources_.begin())]);
    }
}

void WeightReader::read(const Simulation& simulation, std::vector<double>& values) {
    simulation.read_weights(projection_, sources_, rows_);
    values.clear();
    for (const std::size_t place : places_) values.push_back(rows_[place]);
}

}  // namespace synfire
