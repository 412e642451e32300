// Checkpoints of a small network, read as the program reads them.
#include <cstdint>
#include <nlohmann/json.hpp>

#include "base/problem.hpp"
#include "formats.hpp"
#include "json/document.hpp"
#include "learning/checkpoint.hpp"
#include "network/network.hpp"
#include "temporary_file.hpp"

namespace {

using namespace synfire;

// What the checkpoints of the corpus are of (checkpoint.json beside this file).
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

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static Training training;
    try {
        load_checkpoint(temporary_file(data, size), training.experiment, training.rests_on,
                        training.network, training.trainer);
    } catch (const InputError&) {
    }
    return 0;
}
