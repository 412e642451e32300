#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/note.hpp"
#include "base/printable.hpp"
#include "base/problem.hpp"
#include "cli/command.hpp"
#include "cli/output.hpp"
#include "cli/plugin_project.hpp"
#include "conformance/suite.hpp"

namespace synfire::cli {
namespace {

struct PluginOptions {
    std::string action;
    std::vector<std::string> what;
    std::string out;
    bool json = false;
};

void show_outcome(const conformance::Outcome& outcome) {
    using conformance::Verdict;
    static const char* const verdicts[] = {"passed ", "FAILED ", "skipped"};
    const std::string model =
        outcome.id.empty() ? "" : fmt::format("{} {}: ", outcome.kind, printable(outcome.id));
    std::string line =
        fmt::format("{} {}{}", verdicts[static_cast<int>(outcome.verdict)], model, outcome.check);
    if (!outcome.words.empty()) line += ": " + printable(outcome.words);
    for (const auto& [what, value] : outcome.measured)
        line += fmt::format("; {} {:.4g}", what, value);
    say("{}\n", line);
    if (outcome.verdict == Verdict::failed) say("        promised: {}\n", outcome.promise);
}

int check(const PluginOptions& options) {
    if (!options.out.empty())
        throw InputError("--out is given to 'plugin check'; it goes with 'plugin new' only.");
    if (options.what.size() != 1)
        throw InputError("'plugin check' takes one FILE, a plugin's shared object (.so).");
    const std::string& file = options.what.front();
    std::vector<std::filesystem::path> shipped = plugin_folders({});
    std::ranges::reverse(shipped);  // those beside the program first
    const auto outcomes =
        conformance::check_plugin(file, shipped, {}, [&](const conformance::Outcome& outcome) {
            if (!options.json) show_outcome(outcome);
        });
    const bool passed = conformance::passed(outcomes);
    const auto count = [&](conformance::Verdict verdict) {
        return std::ranges::count(outcomes, verdict, &conformance::Outcome::verdict);
    };
    if (options.json)
        print_json(conformance::to_json(file, outcomes));
    else
        say("{}: {} checks passed, {} failed, {} do not apply\n", printable(file),
            count(conformance::Verdict::passed), count(conformance::Verdict::failed),
            count(conformance::Verdict::skipped));
    return passed ? done : failed;
}

// A plugin of that name would be hidden by one that is found first, or hide it.
void require_free_id(const PluginProject& project) {
    const PluginRegistry plugins(plugin_folders({}));
    const auto require = [&](const auto* model) {
        if (model)
            throw InputError(fmt::format("'{}' is the {} of {} already. Choose another name.",
                                         project.name, project.kind, model->library.string()));
    };
    if (project.kind == "neuron") require(plugins.neuron(project.name));
    if (project.kind == "rule") require(plugins.rule(project.name));
    if (project.kind == "loss") require(plugins.loss(project.name));
    if (project.kind == "release") require(plugins.release(project.name));
}

int begin(const PluginOptions& options) {
    if (options.what.size() != 2)
        throw InputError(
            "'plugin new' takes a KIND (neuron, rule, loss or release) and the plugin's NAME.");
    PluginProject project{options.what[0], options.what[1],
                          options.out.empty() ? options.what[1] : options.out, installed_prefix()};
    check_project(project);
    require_free_id(project);
    write_project(project);
    const std::vector<std::string> commands = project.commands(true);
    if (options.json) {
        print_json({{"folder", project.folder.string()},
                    {"kind", project.kind},
                    {"name", project.name},
                    {"files", project.files()},
                    {"commands", commands}});
    } else {
        say("{} holds a {} that works; next:\n\n", printable(project.folder.string()),
            project.kind);
        for (const std::string& command : commands) say("  {}\n", printable(command));
        say("\nThen change {}.\n", printable((project.folder / project.files()[0]).string()));
    }
    if (project.prefix.empty())
        note(
            "note: this program is not installed, so CMake has to be told where Synfire is: "
            "cmake --install BUILD --prefix PREFIX, and -DCMAKE_PREFIX_PATH=PREFIX");
    return done;
}

int plugin(const PluginOptions& options) {
    return guarded(options.json, [&]() -> int {
        if (options.action == "check") return check(options);
        if (options.action == "new") return begin(options);
        throw InputError(
            fmt::format("'{}' is nothing to do with a plugin. Allowed: 'new' or 'check'.",
                        printable(options.action)));
    });
}

}  // namespace

void add_plugin_command(CommandLine& line) {
    auto options = std::make_shared<PluginOptions>();
    Arguments arguments = line.add("plugin", "begin a plugin of your own, or check one",
                                   [options] { return plugin(*options); });
    arguments.positional("ACTION", options->action,
                         "new KIND NAME: writes a project that builds, tests and installs, of a "
                         "neuron, rule, loss or release; check FILE: whether a plugin keeps its "
                         "contract");
    arguments.positional("WHAT", options->what, "KIND and NAME, or FILE", 1, 2);
    arguments.option("--out", options->out, "new: the project's folder (default: NAME)", "DIR");
    arguments.flag("--json", options->json, "print one JSON object on standard output");
}

}  // namespace synfire::cli
