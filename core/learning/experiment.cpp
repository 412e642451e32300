#include "learning/experiment.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/names.hpp"
#include "base/suggest.hpp"
#include "experiment/instances.hpp"
#include "json/document.hpp"
#include "json/form.hpp"
#include "learning/graph_check.hpp"
#include "learning/input.hpp"
#include "learning/loss.hpp"

namespace synfire {

using json = nlohmann::json;

namespace {

Form input_form(const std::vector<InputFormat>& formats) {
    Form form;
    form.tag = "format";
    std::vector<std::string> names;
    for (const InputFormat& format : formats) {
        names.push_back(format.name);
        form.variants[format.name] = format.fields;
    }
    form.fields = {
        choice("format", names, "what the recordings are read from").must(),
        text("population", "input population that the events feed").must(),
        integer("ticks", "length of a sample; later events of recordings are left out and counted")
            .must()
            .between(1, 1e9)
            .in("ticks"),
        integer("limit", "keeps the first so many recordings of each split")
            .at_least(1)
            .fits<std::uint64_t>(),
    };
    return form;
}

void read_input(Experiment& experiment, const std::vector<InputFormat>& formats,
                Problems& problems) {
    const json& input = experiment.json->at("input");
    const NetworkDescription& network = experiment.network;
    const std::string name = input.at("population");
    const std::int32_t population = network.find(name);
    const auto names = network.population_names();
    if (population < 0) {
        const std::string hint = did_you_mean(name, names);
        problems.push_back({"/input/population",
                            fmt::format("There is no population '{}'{} Defined are {}.", name,
                                        hint.empty() ? "." : hint, list_of(names)),
                            "", 0});
    } else if (!network.populations[static_cast<std::size_t>(population)].takes_input()) {
        problems.push_back({"/input/population",
                            fmt::format("'{}' has spikes of its own; a population with \"neuron\": "
                                        "\"input\" is expected.",
                                        name),
                            "", 0});
    } else {
        experiment.input = static_cast<std::uint32_t>(population);
    }
    experiment.format =
        &*std::ranges::find(formats, input.at("format").get<std::string>(), &InputFormat::name);
    experiment.ticks = input.at("ticks");
    experiment.limit = input.value("limit", UINT64_MAX);
    if (experiment.input) {
        const std::uint64_t units = network.populations[*experiment.input].size;
        if (units * experiment.ticks > UINT32_MAX)
            problems.push_back({"/input/ticks",
                                fmt::format("{} ticks of {} units are too many; their product may "
                                            "be at most {}.",
                                            experiment.ticks, units, UINT32_MAX),
                                "", 0});
        else if (experiment.format->check)
            experiment.format->check(input, static_cast<std::uint32_t>(units), experiment.ticks,
                                     "/input", problems);
    }
}

// The label that a format of one recording has in the JSON.
void check_label(const Experiment& experiment, Problems& problems) {
    const json& input = experiment.json->at("input");
    if (!experiment.training->readout) return;
    const PopulationDescription& readout =
        experiment.network.populations[*experiment.training->readout];
    if (!input.contains("label") || input.at("label").get<std::uint64_t>() < readout.size) return;
    problems.push_back(
        {"/input/label",
         fmt::format("The label {} has no output in the readout '{}'; 0 to {} are allowed.",
                     input.at("label").get<std::uint64_t>(), readout.name, readout.size - 1),
         "", 0});
}

// What a loss is judged by, as words.
std::string taken_by(const LossModel& loss) {
    std::string words;
    auto add = [&](bool takes, const char* what) {
        if (takes) words += fmt::format("{}{}", words.empty() ? "" : " or ", what);
    };
    add(loss.takes_class(), "the number of a class");
    add(loss.takes_values(), "target values");
    add(loss.takes_frames(), "grey frames");
    add(loss.takes_events(), "events alone");
    return words;
}

// Whether the recordings have what answers are compared with.
void check_targets(const Experiment& experiment, const PluginRegistry& plugins,
                   Problems& problems) {
    const TrainingDescription& training = *experiment.training;
    const TargetsGiven& given = experiment.format->targets;
    auto complain = [&](const std::string& place, std::string message) {
        problems.push_back({"/training" + place, std::move(message), "", 0});
    };
    if (!given.classes && training.decoder.by_votes)
        complain("/decoder", fmt::format("Votes tell classes, which recordings of '{}' have not; "
                                         "\"decoder\": \"readout\" is expected.",
                                         experiment.format->name));
    for (const ProjectionDescription& p : experiment.network.projections)
        if (!given.classes && p.learn && p.training_rule && p.training_rule->reward)
            complain("",
                     fmt::format("'{}' cannot learn by '{}' from whether a recording is "
                                 "classified right: recordings of '{}' have no class; "
                                 "expected: a population as its modulator, or another rule.",
                                 p.name, p.training_rule->model->id(), experiment.format->name));
    if (!training.readout) return;
    auto fits = [&](const LossModel& loss) {
        return (given.classes && loss.takes_class()) || (given.flow && loss.takes_values()) ||
               (given.frames && loss.takes_frames()) || loss.takes_events();
    };
    const LossModel& loss = *training.loss.model;
    if (!fits(loss)) {
        std::vector<std::string> others;
        for (const LossModel& other : plugins.losses())
            if (fits(other)) others.emplace_back(other.id());
        return complain(
            "/loss",
            fmt::format("'{}' is judged by {}, which recordings of '{}' have not; allowed "
                        "here: {}.",
                        loss.id(), taken_by(loss), experiment.format->name, list_of(others)));
    }
    if (given.classes && loss.takes_class()) {
        if (!training.heads.empty())
            complain("/heads", fmt::format("Heads are of a flow, and the loss '{}' is of a class; "
                                           "allowed: no heads, or another loss.",
                                           loss.id()));
        return;
    }
    const PopulationDescription& readout = experiment.network.populations[*training.readout];
    const auto& sensor = experiment.network.populations[*experiment.input].shape;
    if (!sensor || !readout.shape || readout.shape->channels != 2 ||
        readout.shape->rows != sensor->rows || readout.shape->columns != sensor->columns)
        complain(
            "/readout",
            fmt::format("The loss '{}' is of a flow, and '{}' {}; a \"shape\" of [2, rows, "
                        "columns] is expected, with the rows and columns of the input{}.",
                        loss.id(), readout.name,
                        readout.shape
                            ? fmt::format("has the shape [{}, {}, {}]", readout.shape->channels,
                                          readout.shape->rows, readout.shape->columns)
                            : "has none",
                        sensor ? fmt::format(", [2, {}, {}]", sensor->rows, sensor->columns) : ""));
    for (std::size_t i = 0; sensor && i < training.heads.size(); ++i) {
        const PopulationDescription& head = experiment.network.populations[training.heads[i]];
        const MapShape shape = head.shape.value_or(MapShape{});
        if (shape.channels == 2 && shape.rows < sensor->rows && sensor->rows % shape.rows == 0 &&
            sensor->columns % shape.columns == 0 &&
            sensor->rows / shape.rows == sensor->columns / shape.columns)
            continue;
        complain(
            fmt::format("/heads/{}", i),
            fmt::format("'{}' {}; a head has a \"shape\" of [2, {} / n, {} / n], n a divisor of "
                        "both from 2 on.",
                        head.name,
                        head.shape ? fmt::format("has the shape [{}, {}, {}]", shape.channels,
                                                 shape.rows, shape.columns)
                                   : "has no shape",
                        sensor->rows, sensor->columns));
    }
}

// What plugins say against their parameters, which only they can judge.
void check_instances(const Experiment& experiment, Problems& problems) {
    const NetworkDescription& network = experiment.network;
    auto keep = [&](auto make) {
        try {
            make();
        } catch (const InputError& error) {
            problems.insert(problems.end(), error.problems().begin(), error.problems().end());
        }
    };
    for (std::size_t i = 0; i < network.populations.size(); ++i)
        if (network.populations[i].has_neurons()) {
            keep([&] { make_neuron(network, i, experiment.seed); });
            keep([&] { make_initial(network, i, experiment.seed); });
        }
    for (std::size_t i = 0; i < network.projections.size(); ++i)
        if (const auto& rule = network.projections[i].rule)
            keep([&] { make_rule(network, i, *rule); });
    if (experiment.training) keep([&] { check_rules(network, "/training"); });
    if (experiment.training) keep([&] { check_loss(network, *experiment.training, "/training"); });
}

}  // namespace

Form experiment_form(const PluginRegistry& plugins, const std::vector<InputFormat>& formats) {
    Form form;
    form.fields = {
        text("$schema", "for editors: the output of `synfire schema`"),
        text("name", "short name: part of the folder that results go to").otherwise("experiment"),
        text("description", "what the experiment shows"),
        integer("seed", "of everything random").otherwise(1).fits<std::uint64_t>(),
        object("network", network_form(plugins), "populations and projections").must(),
        object("input", input_form(formats), "recordings that feed the network"),
        object("training", training_form(plugins), "how the network learns"),
        object(
            "record", record_form(),
            "what `synfire run` writes down, and of which weights `synfire train` keeps the course")
            .otherwise(json::object()),
    };
    return form;
}

Experiment read_experiment(Document document, const PluginRegistry& plugins,
                           const std::vector<InputFormat>& formats) {
    Problems problems;
    Experiment experiment;
    json completed = document.take();
    check_and_complete(experiment_form(plugins, formats), completed, "", problems);
    if (!problems.empty()) throw InputError(document.located(std::move(problems)));
    experiment.json = std::move(completed);

    experiment.name = experiment.json->at("name");
    if (const std::string fault = fault_of_name(experiment.name); !fault.empty())
        problems.push_back({"/name", fault, "", 0});
    experiment.seed = experiment.json->at("seed");
    experiment.network =
        read_network(experiment.json->at("network"), plugins, "/network", problems);
    if (experiment.json->contains("input")) read_input(experiment, formats, problems);
    const bool trains = experiment.json->contains("training");
    if (trains && !experiment.json->contains("input")) {
        problems.push_back({"/training", "Training needs an \"input\" to learn from.", "", 0});
    } else if (trains) {
        experiment.training = read_training(
            experiment.json->at("training"), plugins, experiment.network, experiment.ticks,
            experiment.input ? static_cast<std::int32_t>(*experiment.input) : -1, "/training",
            problems);
        experiment.training->classes = experiment.format->targets.classes;
    }
    experiment.record =
        read_record(experiment.json->at("record"), experiment.network, "/record", problems);
    if (!experiment.json->contains("training"))
        for (const std::string& place : experiment.record.weights.training_pointers)
            problems.push_back({place + "/every_epochs",
                                "Weights are recorded by epochs of a training, and the experiment "
                                "has no \"training\".",
                                "", 0});
    // What is made of it is worth a word only where all that it is made of is right.
    if (problems.empty()) {
        check_inputs(experiment.network, experiment.input, problems);
        if (experiment.training) check_label(experiment, problems);
        if (experiment.training) check_targets(experiment, plugins, problems);
        if (experiment.training)
            check_trained_graph(experiment.network, *experiment.input, *experiment.training,
                                experiment.ticks, problems);
        check_instances(experiment, problems);
    }
    if (!problems.empty()) throw InputError(document.located(std::move(problems)));
    return experiment;
}

InputRequest Experiment::input_request(const std::string& data_folder) const {
    const PopulationDescription& population = network.populations[input.value()];
    return {json->at("input"),
            data_folder,
            population.size,
            population.shape,
            ticks,
            network.dt_ms,
            limit,
            training.has_value(),
            {}};
}

}  // namespace synfire
