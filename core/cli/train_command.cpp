#include <fmt/format.h>

#include "base/note.hpp"
#include "base/printable.hpp"
#include "cli/output.hpp"
#include "cli/progress.hpp"
#include "cli/results_folder.hpp"
#include "cli/training_session.hpp"

namespace synfire::cli {
namespace {

using json = nlohmann::json;

std::string rate_text(const json& samples_per_s) {
    return samples_per_s.is_null() ? "-" : fmt::format("{:.0f}", samples_per_s.get<double>());
}

// The command that goes on with a training that was stopped.
std::string resuming(const Options& options, const std::string& folder) {
    std::string command = fmt::format("synfire train {}", options.model);
    for (const std::string& assignment : options.assignments)
        command += " --set " + quoted(assignment);
    for (const std::string& plugins : options.plugin_folders)
        command += " --plugin-dir " + quoted(plugins);
    if (!options.data.empty()) command += " --data " + quoted(options.data);
    if (options.seed >= 0) command += fmt::format(" --seed {}", options.seed);
    if (options.epochs >= 0) command += fmt::format(" --epochs {}", options.epochs);
    return fmt::format("{} --out {} --resume", command, folder);
}

void print_training(const json& s) {
    const int epochs = s.at("epochs");
    auto megabytes = [&](const char* key) {
        return fmt::format("{:.3g} MB", s.at(key).get<double>() / 1e6);
    };
    if (s.at("test_endpoint_error").is_null())
        say("test accuracy        {}  (training {}) after {} epochs\n",
            accuracy_text(s.at("test_accuracy")), accuracy_text(s.at("train_accuracy")), epochs);
    else
        say("endpoint error       {} after {} epochs\n", flow_text(s), epochs);
    say("training             {} samples/s, {} in all\n"
        "network              {} synapses, {} parameters\n"
        "learning state       {} bytes a sample\n"
        "memory               {} at most: weights {}, gradients {}, optimiser {}, neurons {}\n"
        "MACs                 {:.4g} forward, {:.4g} learning, {:.4g} synaptic events\n"
        "results              {}\n",
        rate_text(s.at("train_samples_per_s")), duration_text(s.at("train_wall_s")),
        s.at("synapses").get<std::uint64_t>(), s.at("parameters").get<std::uint64_t>(),
        s.at("learning_state_bytes").get<std::uint64_t>(), megabytes("peak_rss_bytes"),
        megabytes("weight_bytes"), megabytes("gradient_bytes"), megabytes("optimiser_bytes"),
        megabytes("neuron_state_bytes"), s.at("macs_forward").get<double>(),
        s.at("macs_learning").get<double>(), s.at("synaptic_events").get<double>(),
        printable(s.at("out").get<std::string>()));
}

int train(const Options& options, bool resume) {
    const PluginRegistry plugins(plugin_folders(options.plugin_folders));
    TrainingSession session(options.read(plugins), options.model, options);
    if (resume && options.out.empty())
        throw InputError("--resume goes on with the training in --out DIR; name the folder.");
    const ResultsFolder folder = resume
                                     ? ResultsFolder::open_existing(options.out)
                                     : ResultsFolder::open(options.out, session.experiment().name);
    if (resume) session.resume(folder.path());
    const json s = session.run(folder);
    if (options.json)
        print_json(s);
    else
        print_training(s);
    if (!s.at("interrupted")) return done;
    note(fmt::format("stopped; go on with: {}", resuming(options, folder.path())));
    return interrupted;
}

}  // namespace

void add_train_command(CommandLine& line) {
    auto options = std::make_shared<Options>();
    auto resume = std::make_shared<bool>(false);
    Arguments arguments = line.add("train", "train an experiment's network", [=] {
        return guarded(options->json, [&] { return train(*options, *resume); });
    });
    options->add_model(arguments);
    options->add_run(arguments);
    options->add_epochs(arguments);
    arguments.flag("--resume", *resume, "go on with the training in --out DIR");
    options->add_plugins(arguments);
    options->add_json(arguments);
}

}  // namespace synfire::cli
