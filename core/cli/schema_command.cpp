#include <fmt/format.h>

#include "cli/command.hpp"
#include "formats.hpp"

namespace synfire::cli {

void add_schema_command(CLI::App& app, Body& body) {
    CLI::App* command = app.add_subcommand(
        "schema", "print the JSON Schema of experiments, with the loaded plugins' parameters");
    auto options = std::make_shared<Options>();
    auto markdown = std::make_shared<bool>(false);
    options->add_plugins(*command);
    options->add_json(*command);
    command->add_flag("--markdown", *markdown, "print a reference in Markdown instead");
    command->callback([=, &body] {
        body = [=] {
            return guarded(options->json, [&]() -> int {
                const PluginRegistry plugins(plugin_folders(options->plugin_folders));
                const Form form = experiment_form(plugins, input_formats());
                if (*markdown) {
                    fmt::print("{}", to_markdown(form, ""));
                    return done;
                }
                nlohmann::json schema = to_schema(form);
                schema["$schema"] = "http://json-schema.org/draft-07/schema#";
                schema["title"] = "Synfire experiment";
                print_json(schema);
                return done;
            });
        };
    });
}

}  // namespace synfire::cli
