// Checkpoints of a small network, read as the program reads them.
#include <nlohmann/json.hpp>

#include "file_fuzzer.hpp"
#include "formats.hpp"
#include "json/document.hpp"
#include "learning/checkpoint.hpp"
#include "network/network.hpp"

using namespace synfire;

namespace {

// What the checkpoints are of (checkpoint.json beside this file).
struct Training {
    PluginRegistry plugins{{SYNFIRE_PLUGIN_FOLDER}};
    Experiment experiment = read_experiment(
        Document::from_file(SYNFIRE_FUZZ_FOLDER "/checkpoint.json"), plugins, input_formats());
    Network network{experiment.network, experiment.seed, trained_populations(experiment.network)};
    Trainer trainer{network, *experiment.training, *experiment.input, experiment.seed, 1};
    nlohmann::json rests_on =
        *provenance(experiment, experiment.format->load(experiment.input_request("")));
};

}  // namespace

void write_whole_file(const std::string& path) {
    Training training;
    save_checkpoint(path, training.experiment, training.rests_on, training.network,
                    training.trainer, {});
}

void read_file(const std::string& path) {
    static Training training;
    load_checkpoint(path, training.experiment, training.rests_on, training.network,
                    training.trainer);
}
