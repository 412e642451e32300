#include <fmt/format.h>

#include "cli/session.hpp"
#include "learning/checkpoint.hpp"

namespace synfire::cli {
namespace {

int evaluate(const Options& options, const std::string& checkpoint) {
    const PluginRegistry plugins(plugin_folders(options.plugin_folders));
    const Experiment experiment = options.read(plugins);
    require_training(experiment, options.model);
    Network network = build_network(experiment);
    load_parameters(checkpoint, experiment, network);
    const InputData data = load_data(experiment, options.data);
    Trainer trainer(network, *experiment.training, *experiment.input, experiment.seed,
                    options.thread_count());
    const Score score = trainer.evaluate(data.test);
    if (options.json) {
        nlohmann::json s = network_json(network);
        s.update({{"checkpoint", checkpoint},
                  {"test_accuracy", score.accuracy()},
                  {"test_loss", score.mean_loss()},
                  {"test_recordings", score.samples}});
        print_json(s);
    } else {
        fmt::print("test accuracy        {:.4f}  (loss {:.4f}, {} recordings)\n", score.accuracy(),
                   score.mean_loss(), score.samples);
    }
    return done;
}

}  // namespace

void add_eval_command(CLI::App& app, Body& body) {
    CLI::App* command = app.add_subcommand("eval", "test a trained network on the test recordings");
    auto options = std::make_shared<Options>();
    auto checkpoint = std::make_shared<std::string>();
    options->add_model(*command);
    command->add_option("--checkpoint", *checkpoint, "checkpoint.h5 that train wrote")
        ->required()
        ->type_name("FILE");
    options->add_run(*command);
    options->add_plugins(*command);
    options->add_json(*command);
    command->callback([=, &body] {
        body = [=] {
            return guarded(options->json, [&] { return evaluate(*options, *checkpoint); });
        };
    });
}

}  // namespace synfire::cli
