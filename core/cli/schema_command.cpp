#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "cli/command.hpp"
#include "cli/output.hpp"
#include "formats.hpp"
#include "json/form.hpp"

namespace synfire::cli {
namespace {

int print_schema(const Options& options, bool markdown) {
    const PluginRegistry plugins(plugin_folders(options.plugin_folders));
    const Form form = experiment_form(plugins, input_formats());
    if (markdown) {
        say_text(to_markdown(form, ""));
        return done;
    }
    nlohmann::json schema = to_schema(form);
    schema["$schema"] = "http://json-schema.org/draft-07/schema#";
    schema["title"] = "Synfire experiment";
    print_json(schema);
    return done;
}

}  // namespace

void add_schema_command(CommandLine& line) {
    auto options = std::make_shared<Options>();
    auto markdown = std::make_shared<bool>(false);
    Arguments arguments = line.add(
        "schema", "print the JSON Schema of experiments, with the loaded plugins' parameters",
        [=] { return guarded(options->json, [&] { return print_schema(*options, *markdown); }); });
    options->add_plugins(arguments);
    options->add_json(arguments);
    arguments.flag("--markdown", *markdown, "print a reference in Markdown instead");
}

}  // namespace synfire::cli
