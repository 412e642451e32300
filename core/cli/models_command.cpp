#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/printable.hpp"
#include "cli/command.hpp"
#include "cli/output.hpp"
#include "cli/shipped_models.hpp"
#include "json/document.hpp"

namespace synfire::cli {
namespace {

using json = nlohmann::json;

// The command that works with it: training or running, and whether data have to be there.
std::string command_of(const json& experiment, const std::string& name) {
    if (!experiment.contains("training")) return "synfire run " + name;
    const std::string format = experiment.at("input").at("format");
    const bool made = format == "gestures" || format == "moving_scenes" || format == "spikes";
    return fmt::format("synfire train {}{}", name, made ? "" : " --data DIR");
}

int list_models(bool as_json) {
    json list = json::array();
    for (const ShippedModel& model : shipped_models()) {
        const json experiment = Document::from_file(model.path).value();
        list.push_back({{"name", model.name},
                        {"file", model.path},
                        {"command", command_of(experiment, model.name)},
                        {"description", experiment.value("description", "")}});
    }
    if (list.empty())
        throw InputError("There are no models beside the program, in share/synfire/models.");
    if (as_json) {
        print_json({{"models", list}});
        return done;
    }
    for (const json& model : list)
        say("{}\n    {}\n", model.at("command").get<std::string>(),
            printable(model.at("description").get<std::string>()));
    return done;
}

}  // namespace

void add_models_command(CommandLine& line) {
    auto as_json = std::make_shared<bool>(false);
    Arguments arguments =
        line.add("models", "list the experiments that come with the program",
                 [=] { return guarded(*as_json, [&] { return list_models(*as_json); }); });
    arguments.flag("--json", *as_json, "print one JSON object on standard output");
}

}  // namespace synfire::cli
