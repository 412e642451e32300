#include "cli/command.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <thread>

#include "base/note.hpp"
#include "cli/output.hpp"
#include "cli/shipped_models.hpp"
#include "formats.hpp"
#include "json/document.hpp"
#include "plugins/instance.hpp"

namespace synfire::cli {

void Options::add_model(Arguments& arguments) {
    arguments.positional("model", model,
                         "experiment: a JSON file, or the name of a shipped one (synfire models)");
}

void Options::add_plugins(Arguments& arguments) {
    arguments.option("--plugin-dir", plugin_folders, "more folders with plugins", "DIR");
}

void Options::add_json(Arguments& arguments) {
    arguments.flag("--json", json, "print one JSON object on standard output");
}

void Options::add_run(Arguments& arguments) {
    arguments.option("--data", data, "folder with the recordings", "DIR");
    arguments.option("--threads", threads, "threads (default: all cores)", 1, 1024);
    arguments.option("--seed", seed, "seed of everything random", 0, 9'000'000'000'000'000);
    arguments.option("--out", out, "folder for results", "DIR");
    add_set(arguments);
}

void Options::add_set(Arguments& arguments) {
    arguments.option("--set", assignments, "/json/pointer=value: overrides the experiment");
}

void Options::add_epochs(Arguments& arguments) {
    arguments.option("--epochs", epochs, "passes over the training recordings", 1, 1'000'000);
}

namespace {

// A model that stands in two libraries is that of the folder named first, which may surprise.
void note_hidden_models(const PluginRegistry& plugins) {
    const auto hides = [](const RefusedLibrary& r) { return r.in_use; };
    const auto first = std::ranges::find_if(plugins.refused(), hides);
    if (first == plugins.refused().end()) return;
    const auto count = std::ranges::count_if(plugins.refused(), hides);
    note(fmt::format("note: not used is what {} has under the same name: {}{}",
                     first->library.string(), first->reason,
                     count > 1 ? fmt::format("; {} more (synfire plugins)", count - 1) : ""));
}

}  // namespace

Experiment Options::read(const PluginRegistry& plugins) const {
    Document document = Document::from_file(find_model(model));
    for (const std::string& assignment : assignments) document.set(assignment);
    if (seed >= 0) document.set(fmt::format("/seed={}", seed), fmt::format("--seed {}", seed));
    const bool trains = document.value().is_object() && document.value().contains("training");
    if (epochs >= 0 && trains)
        document.set(fmt::format("/training/epochs={}", epochs),
                     fmt::format("--epochs {}", epochs));
    Experiment experiment = read_experiment(std::move(document), plugins, input_formats());
    for (const PopulationDescription& population : experiment.network.populations)
        if (population.schedule && population.schedule->merged() > 0)
            note(fmt::format(
                "note: {} events of the spike source '{}' repeat others; each fires once",
                population.schedule->merged(), population.name));
    note_hidden_models(plugins);
    return experiment;
}

unsigned Options::thread_count() const {
    return threads ? threads : std::max(1u, std::thread::hardware_concurrency());
}

std::string quoted(const std::string& word) {
    std::string text = "'";
    for (const char c : word) text += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return text + "'";
}

std::string json_text(const nlohmann::json& value) {
    return value.dump(2, ' ', false, nlohmann::json::error_handler_t::replace);
}

void print_json(const nlohmann::json& object) {
    say_text(json_text(object) + "\n");
}

nlohmann::json to_json(const Problems& problems) {
    nlohmann::json list = nlohmann::json::array();
    for (const Problem& p : problems)
        list.push_back(
            {{"file", p.file}, {"line", p.line}, {"pointer", p.pointer}, {"message", p.message}});
    return list;
}

int guarded(bool json, const std::function<int()>& body) {
    auto answer = [&](int code, const Problems& problems) {
        for (const Problem& problem : problems) note("error: " + to_text(problem));
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
