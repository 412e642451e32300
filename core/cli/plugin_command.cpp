#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/note.hpp"
#include "base/printable.hpp"
#include "base/problem.hpp"
#include "cli/command.hpp"
#include "cli/output.hpp"
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

int plugin(const PluginOptions& options) {
    return guarded(options.json, [&]() -> int {
        if (options.action == "check") return check(options);
        throw InputError(fmt::format("'{}' is nothing to do with a plugin. Allowed: 'check'.",
                                     printable(options.action)));
    });
}

}  // namespace

void add_plugin_command(CommandLine& line) {
    auto options = std::make_shared<PluginOptions>();
    Arguments arguments =
        line.add("plugin", "begin a plugin, or check one", [options] { return plugin(*options); });
    arguments.positional("ACTION", options->action,
                         "check FILE: whether a plugin keeps its contract");
    arguments.positional("WHAT", options->what, "FILE", 1, 2);
    arguments.flag("--json", options->json, "print one JSON object on standard output");
}

}  // namespace synfire::cli
