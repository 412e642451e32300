// What the subcommands of the program share: options, exit codes, and where output goes. Results go
// to standard output, everything else to standard error; with --json standard output holds exactly
// one JSON object.
#pragma once

#include <cstdint>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "cli/arguments.hpp"
#include "learning/experiment.hpp"
#include "plugins/registry.hpp"

namespace synfire::cli {

enum ExitCode : int {
    done = 0,
    failed = 1,
    bad_input = 2,
    interrupted = 130,  // as shells report a program that Ctrl-C ended
};

// Options that several subcommands have. Each adds those that it needs.
struct Options {
    std::string model;
    std::vector<std::string> plugin_folders;
    std::vector<std::string> assignments;  // --set
    std::string data;
    std::string out;
    std::int64_t seed = -1;
    std::int64_t epochs = -1;
    unsigned threads = 0;
    bool json = false;

    void add_model(Arguments& arguments);
    void add_plugins(Arguments& arguments);
    void add_json(Arguments& arguments);
    void add_run(Arguments& arguments);  // --data, --threads, --seed, --out, --set
    void add_set(Arguments& arguments);
    void add_epochs(Arguments& arguments);

    // The experiment with --seed, --epochs and --set applied. Throws InputError.
    Experiment read(const PluginRegistry& plugins) const;
    unsigned thread_count() const;
};

// Each adds one subcommand.
void add_plugins_command(CommandLine& line);
void add_models_command(CommandLine& line);
void add_plugin_command(CommandLine& line);
void add_validate_command(CommandLine& line);
void add_schema_command(CommandLine& line);
void add_train_command(CommandLine& line);
void add_eval_command(CommandLine& line);
void add_compare_command(CommandLine& line);
void add_run_command(CommandLine& line);
void add_profile_command(CommandLine& line);
void add_data_command(CommandLine& line);

// Runs a subcommand's body; answers exceptions with messages and the exit code that fits.
int guarded(bool json, const std::function<int()>& body);

// As a shell takes it for one word.
std::string quoted(const std::string& word);

// Indented; bytes that are no UTF-8, which paths may have, are replaced.
std::string json_text(const nlohmann::json& value);
void print_json(const nlohmann::json& object);
nlohmann::json to_json(const Problems& problems);

}  // namespace synfire::cli
