#include <fmt/format.h>

#include "base/note.hpp"
#include "cli/output.hpp"
#include "cli/session.hpp"
#include "learning/checkpoint.hpp"

namespace synfire::cli {
namespace {

int evaluate(const Options& options, const std::string& checkpoint) {
    const PluginRegistry plugins(plugin_folders(options.plugin_folders));
    const Experiment experiment = options.read(plugins);
    require_training(experiment, options.model);
    Network network = build_network(experiment);
    for (const std::string& words : load_parameters(checkpoint, experiment, network))
        note("note: " + words);
    const InputData data = load_data(experiment, options.data);
    if (data.test.size() == 0)
        throw InputError("There are no test recordings; at least one is needed.");
    Trainer trainer(network, *experiment.training, *experiment.input, experiment.seed,
                    options.thread_count());
    if (trainer.votes()) load_votes(checkpoint, experiment, *trainer.votes());
    note_silent_voters(experiment, trainer.votes());
    const Score score = trainer.evaluate(data.test);
    if (options.json) {
        nlohmann::json s = network_json(network);
        s.update(input_json(data));
        s.update({{"checkpoint", checkpoint},
                  {"test_accuracy", number_or_null(score.accuracy())},
                  {"test_loss", number_or_null(score.mean_loss())},
                  {"test_recordings", score.samples}});
        print_json(s);
    } else {
        const auto loss = score.mean_loss();
        say("test accuracy        {:.4f}  (loss {}, {} recordings)\n", score.accuracy().value(),
            loss ? fmt::format("{:.4f}", *loss) : "-", score.samples);
    }
    return done;
}

}  // namespace

void add_eval_command(CommandLine& line) {
    auto options = std::make_shared<Options>();
    auto checkpoint = std::make_shared<std::string>();
    Arguments arguments = line.add("eval", "test a trained network on the test recordings", [=] {
        return guarded(options->json, [&] { return evaluate(*options, *checkpoint); });
    });
    options->add_model(arguments);
    arguments.option("--checkpoint", *checkpoint, "checkpoint.h5 that train wrote", "FILE");
    arguments.require("--checkpoint");
    options->add_run(arguments);
    options->add_plugins(arguments);
    options->add_json(arguments);
}

}  // namespace synfire::cli
