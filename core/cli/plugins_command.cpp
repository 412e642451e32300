#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/note.hpp"
#include "cli/command.hpp"
#include "cli/output.hpp"
#include "formats.hpp"
#include "json/form.hpp"
#include "learning/combinations.hpp"

namespace synfire::cli {
namespace {

using json = nlohmann::json;

json variables_json(const synfire_description& d) {
    json list = json::array();
    for (std::uint32_t i = 0; i < d.variable_count; ++i)
        list.push_back({{"name", d.variables[i].name},
                        {"unit", d.variables[i].unit},
                        {"doc", d.variables[i].doc},
                        {"initial", d.variables[i].initial}});
    return list;
}

json parameters_json(const synfire_description& d) {
    json list = json::array();
    for (const Field& f : parameter_form(d).fields) {
        static const char* const types[] = {"real", "integer", "boolean", "text", "choice"};
        json p = {{"name", f.name},
                  {"unit", f.unit},
                  {"doc", f.doc},
                  {"type", types[static_cast<int>(f.type)]},
                  {"default", f.fallback}};
        if (std::isfinite(f.min)) p[f.open_min ? "above" : "min"] = f.min;
        if (std::isfinite(f.max)) p[f.open_max ? "below" : "max"] = f.max;
        if (!f.choices.empty()) p["choices"] = f.choices;
        list.push_back(std::move(p));
    }
    return list;
}

template <class Model>
json model_json(const Model& model) {
    const synfire_description& d = *model.table->description;
    return {{"id", d.id},
            {"version", d.version},
            {"doc", d.doc},
            {"library", model.library.string()},
            {"parameters", parameters_json(d)},
            {"variables", variables_json(d)}};
}

// What a model is and can do, as words.
json traits_of(const NeuronModel& model) {
    json traits = {model.is_source() ? "source"
                   : model.spikes()  ? "fires"
                                     : "readout",
                   model.input_is_double() ? "double precision" : "single precision"};
    if (model.input_is_signed()) traits.push_back("excitatory and inhibitory input");
    if (model.has_psi()) traits.push_back("Psi");
    if (model.has_adjoint()) traits.push_back("adjoint");
    if (model.has_closed_form()) traits.push_back("closed form of silent ticks");
    return traits;
}
json traits_of(const RuleModel& model) {
    json traits = {model.writes_weights() ? "writes weights" : "writes a gradient"};
    if (model.backward()) traits.push_back("learns backward in time");
    if (model.local()) traits.push_back("through each neuron by itself");
    if (model.needs_target_spikes()) traits.push_back("needs spikes of the target");
    if (model.needs_modulator()) traits.push_back("needs a modulator");
    return traits;
}
json traits_of(const LossModel& model) {
    json traits = json::array();
    if (model.judges(false)) traits.push_back("of readouts that never spike");
    if (model.judges(true)) traits.push_back("of readouts that spike");
    return traits;
}

template <class Model>
json with_traits(const Model& model) {
    json all = model_json(model);
    all["traits"] = traits_of(model);
    return all;
}

json registry_json(const PluginRegistry& plugins) {
    json result;
    for (const char* list : {"neurons", "rules", "releases", "losses", "refused"})
        result[list] = json::array();
    for (const NeuronModel& model : plugins.neurons()) {
        json neuron = with_traits(model);
        neuron["spikes"] = model.spikes();
        neuron["secondary_activation"] = model.has_psi();
        neuron["closed_form"] = model.has_closed_form();
        result["neurons"].push_back(std::move(neuron));
    }
    for (const RuleModel& model : plugins.rules()) result["rules"].push_back(with_traits(model));
    for (const ReleaseModel& model : plugins.releases())
        result["releases"].push_back(model_json(model));
    for (const LossModel& model : plugins.losses()) result["losses"].push_back(with_traits(model));
    for (const RefusedLibrary& refused : plugins.refused())
        result["refused"].push_back(
            {{"library", refused.library.string()}, {"reason", refused.reason}});
    return result;
}

std::string allowed(const json& p) {
    std::string text;
    if (p.contains("choices")) {
        for (const std::string choice : p.at("choices")) text += (text.empty() ? "" : "|") + choice;
        return text;
    }
    if (p.contains("above")) text += fmt::format(">{} ", number_text(p.at("above")));
    if (p.contains("min")) text += fmt::format(">={} ", number_text(p.at("min")));
    if (p.contains("below")) text += fmt::format("<{} ", number_text(p.at("below")));
    if (p.contains("max")) text += fmt::format("<={} ", number_text(p.at("max")));
    return text;
}

void print_model(const char* kind, const json& model) {
    say("{} {} {}\n    {}\n    {}\n", kind, model.at("id").get<std::string>(),
        model.at("version").get<std::string>(), model.at("doc").get<std::string>(),
        model.at("library").get<std::string>());
    if (const json traits = model.value("traits", json::array()); !traits.empty())
        say("    {}\n", fmt::join(traits.get<std::vector<std::string>>(), ", "));
    for (const json& p : model.at("parameters"))
        say("    {:<16} {:<10} {:<22} {}{}\n", p.at("name").get<std::string>(),
            p.at("default").dump(), allowed(p), p.at("doc").get<std::string>(),
            p.at("unit") == "" ? "" : fmt::format(" ({})", p.at("unit").get<std::string>()));
    for (const json& v : model.at("variables"))
        say("    {:<16} {:<10} {:<22} {}{}\n", v.at("name").get<std::string>(),
            v.at("initial").dump(), "state", v.at("doc").get<std::string>(),
            v.at("unit") == "" ? "" : fmt::format(" ({})", v.at("unit").get<std::string>()));
}

int list_combinations(const PluginRegistry& plugins, bool as_json) {
    const std::vector<Combination> all = combinations(plugins, input_formats());
    if (!as_json) {
        say("{}", to_markdown(all));
        return done;
    }
    json list = json::array();
    for (const Combination& c : all) {
        list.push_back({{"neuron", c.neuron},
                        {"rule", c.rule},
                        {"topology", c.topology},
                        {"works", c.reason.empty()}});
        if (!c.reason.empty()) list.back()["reason"] = c.reason;
    }
    print_json({{"combinations", list}});
    return done;
}

int list_plugins(const Options& options, bool as_combinations) {
    const PluginRegistry plugins(plugin_folders(options.plugin_folders));
    if (as_combinations) return list_combinations(plugins, options.json);
    const json listed = registry_json(plugins);
    if (options.json) {
        print_json(listed);
        return done;
    }
    for (const json& model : listed.at("neurons")) print_model("neuron", model);
    for (const json& model : listed.at("rules")) print_model("rule", model);
    for (const json& model : listed.at("releases")) print_model("release", model);
    for (const json& model : listed.at("losses")) print_model("loss", model);
    for (const RefusedLibrary& refused : plugins.refused())
        note(fmt::format("refused {}: {}", refused.library.string(), refused.reason));
    return done;
}

}  // namespace

void add_plugins_command(CommandLine& line) {
    auto options = std::make_shared<Options>();
    auto as_combinations = std::make_shared<bool>(false);
    Arguments arguments = line.add(
        "plugins", "list neuron, rule, release and loss plugins", [options, as_combinations] {
            return guarded(options->json, [&] { return list_plugins(*options, *as_combinations); });
        });
    arguments.flag("--combinations", *as_combinations,
                   "print which neurons learn by which rules over which topologies");
    options->add_plugins(arguments);
    options->add_json(arguments);
}

}  // namespace synfire::cli
