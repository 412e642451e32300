#include <fmt/format.h>

#include <chrono>
#include <filesystem>

#include "cli/interrupt.hpp"
#include "cli/progress.hpp"
#include "cli/results_folder.hpp"
#include "cli/session.hpp"
#include "learning/training_run.hpp"
#include "synfire/simd.hpp"

namespace synfire::cli {
namespace {

using json = nlohmann::json;
using Clock = std::chrono::steady_clock;

json summary(const Options& options, const Experiment& experiment, const Network& network,
             const Trainer& trainer, const InputData& data, const TrainingResult& result,
             const std::string& folder, double wall_s) {
    json s = network_json(network);
    s.update(counters_json(trainer.counters()));
    s.update(json{
        {"experiment", experiment.name},
        {"model", options.model},
        {"rule", std::string(experiment.training->rule->id())},
        {"out", folder},
        {"seed", experiment.seed},
        {"threads", options.thread_count()},
        {"isa", simd::name(simd::isa())},
        {"epochs", result.progress.epoch},
        {"interrupted", result.interrupted},
        {"test_accuracy", result.test.accuracy()},
        {"test_loss", result.test.mean_loss()},
        {"train_accuracy", result.train.accuracy()},
        {"train_loss", result.train.mean_loss()},
        {"train_recordings", data.train.size()},
        {"test_recordings", data.test.size()},
        {"events_merged", data.train.merged + data.test.merged},
        {"events_late", data.train.late + data.test.late},
        {"trained_samples", result.trained_samples},
        {"train_samples_per_s",
         result.train_seconds > 0
             ? static_cast<double>(result.trained_samples) / result.train_seconds
             : 0.0},
        {"train_wall_s", result.train_seconds},
        {"wall_s", wall_s},
        {"learning_state_bytes", trainer.learning_state_bytes()},
        {"neuron_state_bytes", trainer.neuron_state_bytes()},
        {"gradient_bytes", trainer.gradient_bytes()},
        {"optimiser_bytes", trainer.optimiser_bytes()},
        {"samples_in_flight", trainer.lanes()},
    });
    return s;
}

void print_summary(const json& s) {
    fmt::print(
        "test accuracy        {:.4f}  (training {:.4f}) after {} epochs\n"
        "training             {:.0f} samples/s, {} in all\n"
        "learning state       {} bytes a sample\n"
        "MACs                 {:.4g} forward, {:.4g} learning, {:.4g} synaptic events\n"
        "results              {}\n",
        s.at("test_accuracy").get<double>(), s.at("train_accuracy").get<double>(),
        s.at("epochs").get<int>(), s.at("train_samples_per_s").get<double>(),
        duration_text(s.at("train_wall_s")), s.at("learning_state_bytes").get<std::uint64_t>(),
        s.at("macs_forward").get<double>(), s.at("macs_learning").get<double>(),
        s.at("synaptic_events").get<double>(), s.at("out").get<std::string>());
}

int train(const Options& options, bool resume) {
    const auto start = Clock::now();
    const PluginRegistry plugins(plugin_folders(options.plugin_folders));
    const Experiment experiment = options.read(plugins);
    require_training(experiment, options.model);
    if (resume && options.out.empty())
        throw InputError("--resume goes on with the training in --out DIR; name the folder.");
    Network network = build_network(experiment);
    const InputData data = load_data(experiment, options.data);
    Trainer trainer(network, *experiment.training, *experiment.input, experiment.seed,
                    options.thread_count());
    Progress progress;
    std::string folder;
    if (resume) {
        folder = options.out;
        progress = load_checkpoint(folder + "/checkpoint.h5", experiment, network, trainer);
    } else {
        folder = results_folder(options.out, experiment.name);
        const std::string aside =
            set_aside(folder, {"checkpoint.h5", "curves.csv", "experiment.json", "summary.json"});
        if (!aside.empty())
            fmt::print(stderr, "note: the results that were in {} are now in {}\n", folder, aside);
    }
    write_json_file(folder + "/experiment.json", experiment.json);

    watch_for_interrupts();
    ProgressDisplay display;
    const TrainingHooks hooks{&interrupt_requested,
                              [&](const TrainingReport& report) { display.show(report); }};
    const TrainingResult result =
        run_training(experiment, network, trainer, data, folder, std::move(progress), hooks);
    const double wall_s = std::chrono::duration<double>(Clock::now() - start).count();
    const json s = summary(options, experiment, network, trainer, data, result, folder, wall_s);
    write_json_file(folder + "/summary.json", s);
    if (options.json)
        print_json(s);
    else
        print_summary(s);
    if (result.interrupted)
        fmt::print(stderr, "stopped; go on with: synfire train {} --out {} --resume\n",
                   options.model, folder);
    return result.interrupted ? interrupted : done;
}

}  // namespace

void add_train_command(CLI::App& app, Body& body) {
    CLI::App* command = app.add_subcommand("train", "train an experiment's network");
    auto options = std::make_shared<Options>();
    auto resume = std::make_shared<bool>(false);
    options->add_model(*command);
    options->add_run(*command);
    command->add_option("--epochs", options->epochs, "passes over the training recordings")
        ->check(CLI::PositiveNumber);
    command->add_flag("--resume", *resume, "go on with the training in --out DIR");
    options->add_plugins(*command);
    options->add_json(*command);
    command->callback([=, &body] {
        body = [=] { return guarded(options->json, [&] { return train(*options, *resume); }); };
    });
}

}  // namespace synfire::cli
