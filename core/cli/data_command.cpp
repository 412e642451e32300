#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>
#include <cstring>
#include <filesystem>

#include "base/note.hpp"
#include "base/printable.hpp"
#include "base/problem.hpp"
#include "cli/data_actions.hpp"

namespace synfire::cli {
namespace {

struct Action {
    const char* name;
    int (*run)(const DataOptions&);
};
constexpr std::array<Action, 4> actions = {{{"info", &data_info},
                                            {"check", &data_check},
                                            {"view", &data_view},
                                            {"convert", &data_convert}}};

std::vector<std::string> data_set_names() {
    std::vector<std::string> names;
    for (const CameraDataSet& set : camera_data_sets()) names.push_back(set.name);
    return names;
}

// Options that the action does not have are refused: without them the answer would be another than
// what was asked for.
void refuse_options_of_others(const DataOptions& o) {
    const bool info = o.action == "info", view = o.action == "view";
    const bool model = !o.experiment.model.empty(), set = !o.experiment.assignments.empty();
    auto only = [&](bool given, const char* option, bool allowed, const char* where) {
        if (given && !allowed)
            throw InputError(fmt::format("{} is given to 'data {}'; it goes with {} only.", option,
                                         o.action, where));
    };
    only(!o.format.empty(), "--format", info, "'data info'");
    only(model, "--model", info || view, "'data info' and 'data view'");
    only(set, "--set", model, "--model");
    only(!o.out.empty(), "--out", view || o.action == "convert", "'data view' and 'data convert'");
    only(!o.sensor.empty(), "--sensor", o.action == "convert", "'data convert'");
    only(o.frames > 0, "--frames", view, "'data view'");
    only(o.from_ms != 0, "--from-ms", view, "'data view'");
    only(o.to_ms >= 0, "--to-ms", view, "'data view'");
    only(o.trial > 0, "--trial", view && model, "'data view' and --model");
    const bool folder = std::filesystem::is_directory(o.path);
    if (info && !folder && (model || !o.format.empty()))
        throw InputError(fmt::format("{} is given with a file; it says whose data set a folder is.",
                                     model ? "--model" : "--format"));
    if (info && folder && !o.container.empty())
        throw InputError("--container is given with a folder; a data set's recordings have one.");
    if (model && !o.container.empty())
        throw InputError(
            "--container is given with --model; the experiment's \"input\" says which container "
            "its recordings have.");
}

int data(const DataOptions& options) {
    return guarded(options.json, [&]() -> int {
        for (const Action& action : actions)
            if (options.action == action.name) {
                refuse_options_of_others(options);
                return action.run(options);
            }
        throw InputError(fmt::format(
            "'{}' is nothing to do with data. Allowed: 'info', 'check', 'view' or 'convert'.",
            printable(options.action)));
    });
}

}  // namespace

void note_lost(const std::string& path, const RecordingSummary& s, const char* verb) {
    std::string words;
    auto add = [&](std::string what) { words += (words.empty() ? "" : ", ") + std::move(what); };
    for (const auto& [kind, count] : s.info.passed_over) add(fmt::format("{} {}", count, kind));
    if (s.info.cut_bytes > 0) add("the event or packet within which the file ends");
    if (!words.empty()) note(fmt::format("note: {}: not {}: {}", printable(path), verb, words));
}

std::string wanted_ending(const DataOptions& options, std::initializer_list<const char*> endings) {
    for (const char* ending : endings)
        if (options.out.ends_with(ending) && options.out.size() > std::strlen(ending))
            return ending;
    throw InputError(fmt::format("{}: --out FILE says what is made; the name ends with one of {}.",
                                 options.out.empty() ? "--out is missing" : printable(options.out),
                                 fmt::join(endings, ", ")));
}

NamedDataSet named_data_set(const DataOptions& options, const std::string& data_folder) {
    if (options.format.empty() == options.experiment.model.empty())
        throw InputError(fmt::format(
            "{}: say which data set it is, by one of --format NAME and --model EXPERIMENT. "
            "Names: {}.",
            printable(options.path), fmt::join(data_set_names(), ", ")));
    if (!options.experiment.model.empty()) {
        const PluginRegistry plugins(plugin_folders(options.experiment.plugin_folders));
        const Experiment experiment = options.experiment.read(plugins);
        const CameraDataSet* const set =
            experiment.input ? find_camera_data_set(experiment.format->name) : nullptr;
        if (!set)
            throw InputError(fmt::format(
                "{}: its \"input\" reads no recordings of cameras. Formats that do: {}.",
                options.experiment.model, fmt::join(data_set_names(), ", ")));
        return {*set, experiment.input_request(data_folder)};
    }
    const CameraDataSet* const set = find_camera_data_set(options.format);
    if (!set)
        throw InputError(fmt::format("'{}' is no data set of cameras. Allowed: {}.",
                                     printable(options.format), fmt::join(data_set_names(), ", ")));
    Form form;
    form.fields = as_format(*set).fields;
    nlohmann::json input = nlohmann::json::object();
    Problems problems;
    check_and_complete(form, input, "/input", problems);
    if (!problems.empty()) throw InputError(problems);
    input["format"] = set->name;
    InputRequest request;
    request.json = input;
    request.data_folder = data_folder;
    return {*set, request};
}

void add_data_command(CommandLine& line) {
    auto options = std::make_shared<DataOptions>();
    Arguments arguments = line.add("data", "look into recordings of event cameras and convert them",
                                   [options] { return data(*options); });
    arguments.positional("ACTION", options->action,
                         "info: what a recording or data set holds; check: reads every file of a "
                         "folder; view: draws a recording; convert: writes it as AEDAT 4 or HDF5");
    arguments.positional("PATH", options->path, "a recording, or a folder");
    arguments.option("--container", options->container,
                     "the recording's container, where the file does not tell", "NAME");
    arguments.option("--format", options->format,
                     "info of a folder: which data set it is, as /input/format names it", "NAME");
    arguments.option("--model", options->experiment.model,
                     "an experiment: info: whose data set the folder is; view: draws its ticks of "
                     "the recording",
                     "FILE");
    options->experiment.add_set(arguments);
    options->experiment.add_plugins(arguments);
    arguments.option("--out", options->out,
                     "view: a .png, .gif or .html file; convert: an .aedat4 or .h5 file", "FILE");
    arguments.option("--sensor", options->sensor,
                     "convert: the sensor's size, where recordings do not say it, such as 120x100",
                     "COLUMNSxROWS");
    arguments.option(
        "--frames", options->frames,
        "view: pictures (default: 8 in a .png, 32 in others; with --model, a tick each)", 1, 1000);
    arguments.option("--from-ms", options->from_ms,
                     "view: begins so many ms after the recording's earliest event", 0, 1000000000);
    arguments.option("--to-ms", options->to_ms, "view: ends just before so many ms", 1, 1000000000);
    arguments.option("--trial", options->trial,
                     "view with --model: which of the trials that the data set makes of the "
                     "recording (default: 1)",
                     1, 1000000);
    arguments.flag("--json", options->json, "print one JSON object on standard output");
}

}  // namespace synfire::cli
