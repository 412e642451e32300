#include <unistd.h>

#include <cstdlib>
#include <exception>

#include "base/atomic_file.hpp"
#include "base/note.hpp"
#include "cli/command.hpp"
#include "cli/output.hpp"
#include "cli/version.hpp"
#include "plugins/in_plugin.hpp"

namespace {

// A library that runs out of memory where it has promised not to throw ends here. Nothing is
// allocated, and results under their final names are whole at any time.
[[noreturn]] void stop_with_a_reason() {
    if (synfire::InPlugin::current) std::abort();  // of which it says more
    constexpr char words[] = "error: the program had to stop, probably for want of memory.\n";
    [[maybe_unused]] const auto written = ::write(STDERR_FILENO, words, sizeof words - 1);
    synfire::remove_unfinished();
    ::_exit(synfire::cli::failed);
}

int run_program(int argc, char** argv) {
    using namespace synfire::cli;
    CommandLine line("Synfire simulates and trains spiking neural networks by events.",
                     version_text());
    add_train_command(line);
    add_eval_command(line);
    add_compare_command(line);
    add_run_command(line);
    add_profile_command(line);
    add_validate_command(line);
    add_schema_command(line);
    add_plugins_command(line);
    add_models_command(line);
    add_plugin_command(line);
    add_data_command(line);
    return line.run(argc, argv, bad_input);
}

}  // namespace

int main(int argc, char** argv) {
    using namespace synfire::cli;
    guard_streams();
    synfire::name_crashing_plugins();
    std::set_terminate(stop_with_a_reason);
    int status = failed;
    try {
        status = run_program(argc, argv);
    } catch (const std::exception& error) {
        // Where even the words for an error found no room.
        synfire::note("error: the program had to stop:");
        synfire::note(error.what());
    }
    return finish_output(status);
}
