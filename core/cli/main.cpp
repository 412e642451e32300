#include "cli/command.hpp"

int main(int argc, char** argv) {
    using namespace synfire::cli;
    CommandLine line("Synfire simulates and trains spiking neural networks by events.",
                     SYNFIRE_VERSION);
    add_train_command(line);
    add_eval_command(line);
    add_compare_command(line);
    add_run_command(line);
    add_profile_command(line);
    add_validate_command(line);
    add_schema_command(line);
    add_plugins_command(line);
    return line.run(argc, argv, bad_input);
}
