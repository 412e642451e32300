#include <fmt/format.h>

#include "cli/command.hpp"

namespace synfire::cli {

void add_validate_command(CLI::App& app, Body& body) {
    CLI::App* command =
        app.add_subcommand("validate", "check an experiment and report every problem at once");
    auto options = std::make_shared<Options>();
    options->add_model(*command);
    options->add_plugins(*command);
    options->add_json(*command);
    command->add_option("--set", options->assignments,
                        "/json/pointer=value: overrides the experiment");
    command->callback([options, &body] {
        body = [options]() -> int {
            Problems problems;
            const int code = guarded(false, [&]() -> int {
                const PluginRegistry plugins(plugin_folders(options->plugin_folders));
                try {
                    options->read(plugins);
                } catch (const InputError& error) {
                    problems = error.problems();
                    throw;
                }
                return done;
            });
            if (options->json)
                print_json({{"file", options->model},
                            {"valid", problems.empty()},
                            {"problems", to_json(problems)}});
            else if (code == done)
                fmt::print("{}: valid\n", options->model);
            return code;
        };
    });
}

}  // namespace synfire::cli
