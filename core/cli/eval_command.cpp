#include <fmt/format.h>

#include <algorithm>

#include "base/atomic_file.hpp"
#include "base/note.hpp"
#include "base/output_file.hpp"
#include "base/printable.hpp"
#include "cli/flow_pictures.hpp"
#include "cli/output.hpp"
#include "cli/results_folder.hpp"
#include "cli/session.hpp"
#include "learning/checkpoint.hpp"

namespace synfire::cli {
namespace {

struct FlowOptions {
    std::string folder;
    unsigned count = 8;  // recordings that are drawn
};

// Draws the first recordings of the test.
std::vector<std::string> draw_flows(const FlowOptions& flow, Trainer& trainer,
                                    const EventSet& test) {
    std::vector<std::string> drawn;
    for (std::size_t i = 0; i < std::min<std::size_t>(flow.count, test.size()); ++i) {
        drawn.push_back(fmt::format("{}/flow-{:03}.png", flow.folder, i));
        const std::string png = flow_png(test, i, trainer.estimate(test, i));
        replace_file(drawn.back(), [&](const std::string& temporary) {
            OutputFile file(temporary);
            file.write(png);
            file.close();
        });
    }
    return drawn;
}

int evaluate(const Options& options, const std::string& checkpoint, const FlowOptions& flow) {
    const PluginRegistry plugins(plugin_folders(options.plugin_folders));
    const Experiment experiment = options.read(plugins);
    require_training(experiment, options.model);
    if (!flow.folder.empty() && !experiment.format->targets.flow)
        throw InputError(
            fmt::format("--flow draws true and estimated flows, and recordings of '{}' "
                        "have none; recordings that have, such as those of "
                        "'moving_scenes', are expected.",
                        experiment.format->name));
    Network network = build_network(experiment);
    for (const std::string& words : load_parameters(checkpoint, experiment, network))
        note("note: " + words);
    const InputData data = load_data(experiment, options.data);
    require_same_classes(checkpoint, data);
    if (data.test.size() == 0)
        throw InputError("There are no test recordings; at least one is needed.");
    Trainer trainer(network, *experiment.training, *experiment.input, experiment.seed,
                    options.thread_count());
    if (trainer.votes()) load_votes(checkpoint, experiment, *trainer.votes());
    note_silent_voters(experiment, trainer.votes());
    const Score score = trainer.evaluate(data.test);
    const nlohmann::json flows = flow_json(score, data);
    std::vector<std::string> drawn;
    if (!flow.folder.empty()) {
        const ResultsFolder folder = ResultsFolder::open(flow.folder, "");
        drawn = draw_flows(flow, trainer, data.test);
    }
    if (options.json) {
        nlohmann::json s = network_json(network);
        s.update(input_json(data));
        s.update({{"checkpoint", checkpoint},
                  {"test_accuracy", number_or_null(score.accuracy())},
                  {"test_loss", number_or_null(score.mean_loss())},
                  {"test_recordings", score.samples}});
        s.update(flows);
        if (!drawn.empty()) s["pictures"] = drawn;
        print_json(s);
        return done;
    }
    const auto loss = score.mean_loss();
    const std::string loss_text = loss ? fmt::format("{:.4f}", *loss) : "-";
    if (flows.at("test_endpoint_error").is_null())
        say("test accuracy        {}  (loss {}, {} recordings)\n",
            accuracy_text(number_or_null(score.accuracy())), loss_text, score.samples);
    else
        say("endpoint error       {}\nloss                 {}, {} recordings\n", flow_text(flows),
            loss_text, score.samples);
    for (const std::string& picture : drawn) say("drawn                {}\n", printable(picture));
    return done;
}

}  // namespace

void add_eval_command(CommandLine& line) {
    auto options = std::make_shared<Options>();
    auto checkpoint = std::make_shared<std::string>();
    auto flow = std::make_shared<FlowOptions>();
    Arguments arguments = line.add("eval", "test a trained network on the test recordings", [=] {
        return guarded(options->json, [&] { return evaluate(*options, *checkpoint, *flow); });
    });
    options->add_model(arguments);
    arguments.option("--checkpoint", *checkpoint, "checkpoint.h5 that train wrote", "FILE");
    arguments.require("--checkpoint");
    arguments.option("--flow", flow->folder,
                     "draws events, true flow, estimated flow and error of the first recordings",
                     "DIR");
    arguments.option("--flow-count", flow->count, "so many recordings (default: 8)", 1, 100000);
    options->add_run(arguments);
    options->add_plugins(arguments);
    options->add_json(arguments);
}

}  // namespace synfire::cli
