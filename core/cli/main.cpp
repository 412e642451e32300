#include <fmt/format.h>

#include "cli/command.hpp"

int main(int argc, char** argv) {
    using namespace synfire::cli;
    CLI::App app{"Synfire simulates and trains spiking neural networks by events."};
    app.set_version_flag("--version", SYNFIRE_VERSION);
    app.require_subcommand(1);
    Body body;
    add_train_command(app, body);
    add_eval_command(app, body);
    add_compare_command(app, body);
    add_run_command(app, body);
    add_profile_command(app, body);
    add_validate_command(app, body);
    add_schema_command(app, body);
    add_plugins_command(app, body);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? done : bad_input;
    }
    return body();
}
