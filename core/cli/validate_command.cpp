#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/printable.hpp"
#include "cli/command.hpp"
#include "cli/output.hpp"
#include "cli/session.hpp"
#include "engine/record_weights.hpp"
#include "experiment/weight_range.hpp"
#include "learning/weight_history.hpp"

namespace synfire::cli {
namespace {

constexpr double most_built = 1e7;  // weights and synapses; a second, and some 100 MB

// Whether faults may be left that only the built network shows.
bool draws_what_matters(const Experiment& experiment) {
    const NetworkDescription& network = experiment.network;
    auto synapses_named = [](const WeightsDescription& w) { return w.synapses.has_value(); };
    auto weights_matter = [](const ProjectionDescription& p) {
        return p.rule && !only_weight(*p.json);
    };
    const RecordedWeights& recorded = experiment.record.weights;
    return std::ranges::any_of(recorded.in_run, synapses_named) ||
           std::ranges::any_of(recorded.in_training, synapses_named) ||
           std::ranges::any_of(network.projections, weights_matter);
}

// Throws InputError for what only the built network shows: weights that are drawn, and which
// synapses there are.
void check_built(const Experiment& experiment, const std::string& file) {
    in_file(file, [&] {
        const Network network = build_network(experiment);
        const RecordedWeights& recorded = experiment.record.weights;
        for (std::size_t i = 0; i < recorded.in_run.size(); ++i)
            WeightReader(recorded.in_run[i], network, recorded.run_pointers[i]);
        WeightHistory(recorded, network, "");
    });
}

int validate(const Options& options) {
    Problems problems;
    bool complete = false;
    const int code = guarded(false, [&]() -> int {
        try {
            const PluginRegistry plugins(plugin_folders(options.plugin_folders));
            const Experiment experiment = options.read(plugins);
            const bool build = draws_what_matters(experiment);
            complete = !build || amount_to_build(experiment.network) <= most_built;
            if (build && complete) check_built(experiment, options.model);
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
                    {"complete", complete},
                    {"problems", to_json(problems)}});
    else if (code == done)
        say("{}: valid{}\n", printable(options.model),
            complete ? "" : "; it is too large to be built here, so drawn weights were not seen");
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
