#include "cli/command.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <thread>

#include "formats.hpp"
#include "plugins/instance.hpp"

namespace synfire::cli {

void Options::add_model(CLI::App& command) {
    command.add_option("model", model, "experiment (JSON)")->required();
}

void Options::add_plugins(CLI::App& command) {
    command.add_option("--plugin-dir", plugin_folders, "more folders with plugins")
        ->type_name("DIR");
}

void Options::add_json(CLI::App& command) {
    command.add_flag("--json", json, "print one JSON object on standard output");
}

void Options::add_run(CLI::App& command) {
    command.add_option("--data", data, "folder with the recordings")->type_name("DIR");
    command.add_option("--threads", threads, "threads (default: all cores)")
        ->check(CLI::Range(1u, 1024u));
    command.add_option("--seed", seed, "seed of everything random")->check(CLI::NonNegativeNumber);
    command.add_option("--out", out, "folder for results")->type_name("DIR");
    command.add_option("--set", assignments, "/json/pointer=value: overrides the experiment");
}

void Options::add_epochs(CLI::App& command) {
    command.add_option("--epochs", epochs, "passes over the training recordings")
        ->check(CLI::PositiveNumber);
}

Experiment Options::read(const PluginRegistry& plugins) const {
    Document document = Document::from_file(model);
    for (const std::string& assignment : assignments) document.set(assignment);
    if (seed >= 0) document.set(fmt::format("/seed={}", seed), "--seed");
    if (epochs >= 0) document.set(fmt::format("/training/epochs={}", epochs), "--epochs");
    return read_experiment(document, plugins, input_formats());
}

unsigned Options::thread_count() const {
    return threads ? threads : std::max(1u, std::thread::hardware_concurrency());
}

void print_json(const nlohmann::json& object) {
    fmt::print("{}\n", object.dump(2));
    std::fflush(stdout);
}

nlohmann::json to_json(const Problems& problems) {
    nlohmann::json list = nlohmann::json::array();
    for (const Problem& p : problems)
        list.push_back(
            {{"file", p.file}, {"line", p.line}, {"pointer", p.pointer}, {"message", p.message}});
    return list;
}

int guarded(bool json, const Body& body) {
    auto answer = [&](int code, const Problems& problems) {
        for (const Problem& problem : problems) fmt::print(stderr, "error: {}\n", to_text(problem));
        if (json) print_json({{"problems", to_json(problems)}});
        return code;
    };
    try {
        return body();
    } catch (const InputError& error) {
        return answer(bad_input, error.problems());
    } catch (const PluginError& error) {
        return answer(failed, {{"", error.what(), "", 0}});
    } catch (const std::bad_alloc&) {
        return answer(failed, {{"", "There is not enough memory for this experiment.", "", 0}});
    } catch (const std::exception& error) {
        return answer(failed, {{"", error.what(), "", 0}});
    }
}

}  // namespace synfire::cli
