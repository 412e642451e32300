// The form of a network's JSON: of its populations, projections, rules and releases.
#include "experiment/description.hpp"
#include "experiment/neuron_values.hpp"
#include "json/form.hpp"
#include "topologies/topology_type.hpp"

namespace synfire {

using json = nlohmann::json;

namespace {

Form weights_form() {
    Form form;
    form.tag = "distribution";
    form.variants = {
        {"kaiming_normal", {}},
        {"kaiming_uniform", {}},
        {"normal",
         {real("mean", "mean of the distribution").otherwise(0.0).single(),
          real("std", "standard deviation").must().at_least(0).single()}},
        {"uniform",
         {real("low", "lower bound").must().single(), real("high", "upper bound").must().single()}},
        {"constant", {real("value", "every weight").must().single()}},
        {"file",
         {text("file",
               "HDF5 file that `synfire run --save` or `synfire train` wrote; relative to "
               "where the program is called")
              .must(),
          text("projection", "whose weights there they are; of the same name if absent")}},
    };
    form.implied = {{"file", "file"}};
    std::vector<std::string> names;
    for (const auto& [name, _] : form.variants) names.push_back(name);
    form.fields = {choice("distribution", names,
                          "initial weights: kaiming_normal has std sqrt(2 / fan-in), "
                          "kaiming_uniform is within 1 / sqrt(fan-in). Weights are drawn in single "
                          "precision; one weight for all synapses is kept in double precision onto "
                          "neurons that sum their input in it, where nothing changes it")
                       .otherwise("kaiming_normal")};
    return form;
}

Form noise_form() {
    Form form;
    form.fields = {
        real("rate_hz", "events a second onto each neuron").must().at_least(0).in("Hz"),
        real("weight", "of each event").must(),
    };
    return form;
}

// Of a variable of several columns, nothing may be given.
Form initial_form(const synfire_description& description) {
    Form form;
    for (std::uint32_t i = 0; i < description.variable_count; ++i) {
        const synfire_variable& v = description.variables[i];
        if (v.count_parameter >= 0) continue;
        Field field = v.dtype == SYNFIRE_U32   ? integer(v.name, v.doc).fits<std::uint32_t>()
                      : v.dtype == SYNFIRE_I32 ? integer(v.name, v.doc).fits<std::int32_t>()
                      : v.dtype == SYNFIRE_F32 ? real(v.name, v.doc).single()
                                               : real(v.name, v.doc);
        form.fields.push_back(std::move(field).in(v.unit).or_each(neuron_values_form()));
    }
    return form;
}

Form population_form(const PluginRegistry& plugins) {
    Form form;
    form.tag = "neuron";
    form.variants[std::string(input_neuron)] = {};
    form.variants[std::string(spike_source_neuron)] = {
        list("events", Field{},
             "[tick, neuron] of every spike; one that is given twice fires once, which is counted"),
        text("file",
             "CSV file of lines tick,neuron, as \"record\" writes it, with or without the header "
             "\"tick,neuron\"; relative to where the program is called"),
    };
    form.variants[std::string(relay_neuron)] = {};
    std::vector<std::string> names = {std::string(input_neuron), std::string(spike_source_neuron),
                                      std::string(relay_neuron)};
    for (const NeuronModel& model : plugins.neurons()) {
        names.emplace_back(model.id());
        form.variants[std::string(model.id())] = {
            object("parameters",
                   parameter_form(*model.table->description,
                                  model.table->create_each ? neuron_values_form() : nullptr),
                   model.table->description->doc)
                .otherwise(json::object()),
            object("initial", initial_form(*model.table->description),
                   "what state variables begin with, in a run and in every sample; what the model "
                   "says if absent"),
            object(
                "noise", noise_form(),
                "independent Poisson events onto each neuron; of neurons that sum their input in "
                "double precision"),
            choice("integration", {"auto", "event", "tick"},
                   "sweep every neuron each tick, or touch neurons only when spikes reach them")
                .otherwise("auto"),
            real("dropout",
                 "chance that a neuron's spikes are left out for the whole of a training sample; "
                 "a test has all of them, so it drives what follows 1 / (1 - dropout) times as "
                 "strongly, unless \"dropout_scale\" is true")
                .otherwise(0.0)
                .between(0, 0.99)
                .single(),
            boolean("dropout_scale",
                    "whether, in training, a spike of the neurons that dropout leaves counts for "
                    "1 / (1 - dropout) (inverted dropout, as torch.nn.Dropout); otherwise for 1, "
                    "in training as in a test, as in the S-TLLR authors' code")
                .otherwise(false),
        };
    }
    form.fields = {
        text("name", "what projections and recorders call it").must(),
        integer("size", "number of neurons; may be left out where there is a \"shape\"")
            .at_least(1)
            .fits<std::uint32_t>(),
        list("shape", integer("", "").between(1, 65535),
             "how the neurons lie on a sensor or feature map: [channels, rows, columns]; neuron = "
             "(row * columns + column) * channels + channel"),
        choice("neuron", names,
               "neuron plugin, 'input' for spikes from the experiment's input, 'spike_source' for "
               "spikes from a list or file, or 'relay' for what a pooling hands on")
            .unless(plugins.refusals())
            .must(),
    };
    return form;
}

Form rule_form(const PluginRegistry& plugins) {
    Form form;
    form.tag = "name";
    form.tag_alone = true;
    form.variants[std::string(no_rule)] = {};
    std::vector<std::string> names{std::string(no_rule)};
    for (const RuleModel& rule : plugins.rules()) {
        names.emplace_back(rule.id());
        auto& fields = form.variants[names.back()];
        fields = {object("parameters", parameter_form(*rule.table->description),
                         rule.table->description->doc)
                      .otherwise(json::object())};
        if (rule.needs_modulator()) {
            fields.push_back(
                integer("modulator_delay_ticks", "ticks from a population's spike to its release")
                    .otherwise(1)
                    .between(1, 1e9)
                    .in("ticks"));
            fields.push_back(text("modulator",
                                  "what releases the modulator: a population, each spike of which "
                                  "releases 1, or 'reward', which training releases at the end of "
                                  "a sample: 1 where its answer is right, -1 where it is wrong, "
                                  "unless /training/reward says otherwise")
                                 .must());
        }
    }
    form.fields = {choice("name", names, "rule plugin, or 'none': the weights stay as they are")
                       .unless(plugins.refusals())
                       .must()};
    return form;
}

Form release_form(const PluginRegistry& plugins) {
    Form form;
    form.tag = "name";
    form.tag_alone = true;
    form.variants[std::string(no_release)] = {};
    std::vector<std::string> names{std::string(no_release)};
    for (const ReleaseModel& release : plugins.releases()) {
        names.emplace_back(release.id());
        form.variants[names.back()] = {object("parameters",
                                              parameter_form(*release.table->description),
                                              release.table->description->doc)
                                           .otherwise(json::object())};
    }
    form.fields = {choice("name", names, "release plugin, or 'none': all of its weight")
                       .unless(plugins.refusals())
                       .must()};
    return form;
}

Form projection_form(const PluginRegistry& plugins) {
    Form form;
    form.tag = "topology";
    std::vector<std::string> names;
    for (const TopologyType& type : topology_types()) {
        names.push_back(type.name);
        form.variants[type.name] = type.fields;
    }
    form.fields = {
        text("name", "what messages, checkpoints and recorders call it; source->target if absent"),
        text("source", "population whose spikes it carries").must(),
        text("target", "population that it feeds").must(),
        choice("topology", names, "which neurons are joined").otherwise("dense"),
        integer("delay_ticks", "ticks from a spike to its effect; 0 only where no cycle arises")
            .otherwise(0)
            .between(0, 1e9)
            .in("ticks"),
        object("weights", weights_form(), "initial weights").otherwise(json::object()),
        boolean("bias", "adds a learned constant to each target neuron's input every tick")
            .otherwise(false),
        boolean("standardise", "uses weights of zero mean and unit variance times a learned gain")
            .otherwise(false),
        real("gain", "of standardised weights, at the start")
            .otherwise(1.0)
            .single()
            .only_with("standardise", true),
        boolean("learn", "whether training changes it").otherwise(true),
    };
    form.fields.push_back(
        object("rule", rule_form(plugins),
               "what changes the weights: a rule that writes weights does so whenever the network "
               "runs, one that writes a gradient in training. If absent: in training, "
               "/training/rule; in a run, nothing"));
    form.fields.push_back(
        object("release", release_form(plugins),
               "short-term plasticity: what part of its weight a spike delivers, from the times of "
               "its source's spikes; beside any rule that writes weights. If absent: all of it"));
    form.gone = {
        {"plasticity",
         "\"plasticity\": {\"rule\": R, \"parameters\": P} is written \"rule\": {\"name\": "
         "R, \"parameters\": P} now."}};
    return form;
}

}  // namespace

Form network_form(const PluginRegistry& plugins) {
    Form form;
    form.fields = {
        real("dt_ms", "length of a tick").otherwise(1.0).between(1e-6, 1e6).in("ms"),
        list("populations", object("", population_form(plugins), ""), "groups of equal neurons")
            .must(),
        list("projections", object("", projection_form(plugins), ""),
             "synapses from one to another")
            .otherwise(json::array()),
    };
    return form;
}

}  // namespace synfire
