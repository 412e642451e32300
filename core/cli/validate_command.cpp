#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/printable.hpp"
#include "cli/command.hpp"
#include "cli/output.hpp"

namespace synfire::cli {
namespace {

int validate(const Options& options) {
    Problems problems;
    const int code = guarded(false, [&]() -> int {
        try {
            const PluginRegistry plugins(plugin_folders(options.plugin_folders));
            options.read(plugins);
        } catch (const InputError& error) {
            problems = error.problems();
            throw;
        } catch (const std::exception& error) {
            problems = {{"", error.what(), "", 0}};
            throw;
        }
        return done;
    });
    if (options.json)
        print_json({{"file", options.model},
                    {"valid", problems.empty()},
                    {"problems", to_json(problems)}});
    else if (code == done)
        say("{}: valid\n", printable(options.model));
    return code;
}

}  // namespace

void add_validate_command(CommandLine& line) {
    auto options = std::make_shared<Options>();
    Arguments arguments =
        line.add("validate", "check an experiment and report every problem at once",
                 [options] { return validate(*options); });
    options->add_model(arguments);
    options->add_plugins(arguments);
    options->add_json(arguments);
    options->add_set(arguments);
}

}  // namespace synfire::cli
