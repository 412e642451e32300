// `synfire profile`: where the time of an experiment goes, stage by stage. An experiment with
// "training" is trained for some batches, after one that is not measured; another is run.
#include <fmt/format.h>

#include "base/atomic_file.hpp"
#include "base/printable.hpp"
#include "cli/interrupt.hpp"
#include "cli/output.hpp"
#include "cli/profile_report.hpp"
#include "cli/simulation_input.hpp"
#include "learning/trainer.hpp"
#include "synfire/simd.hpp"

namespace synfire::cli {
namespace {

using json = nlohmann::json;

struct ProfileOptions {
    std::optional<std::uint32_t> batches;  // 10
    std::optional<std::uint64_t> sample;
    bool forward = false;
    RunLength length;
    std::string trace;
    std::optional<std::size_t> traced;  // spans; 200000
};

// What the profile is of, and its counters.
struct Measured {
    json about;
    Counters counters;
    unsigned threads;  // that worked at a time
    bool stopped;      // by Ctrl-C
};

Measured train(const Experiment& experiment, const Options& options, const ProfileOptions& profile,
               Profiler& profiler, unsigned threads) {
    Network network = build_network(experiment);
    const InputData data = load_data(experiment, options.data);
    const TrainingDescription& training = *experiment.training;
    Trainer trainer(network, training, *experiment.input, experiment.seed, threads);
    const std::vector<std::uint32_t> order = trainer.order(data.train.size(), 0);
    const std::size_t batch = std::min<std::size_t>(training.batch, order.size());
    const std::uint64_t batches = profile.batches.value_or(10);
    const std::uint64_t steps = 1 + batches;
    std::uint64_t samples = 0;
    for (std::uint64_t step = 0; step < steps && !interrupt_requested(); ++step) {
        if (step == 1) {
            trainer.set_counters({});
            trainer.set_profiler(profiler);
            profiler.start();
        }
        const std::size_t begin = step * batch % (order.size() - batch + 1);
        trainer.train_batch(data.train, {order.data() + begin, batch}, 0, step, steps);
        samples += step > 0 ? batch : 0;
    }
    profiler.stop();
    if (samples == 0) throw std::runtime_error("Stopped before anything was measured.");
    return {{{"mode", "train"},
             {"rule", std::string(training.rule.model->id())},
             {"batches", samples / batch},
             {"samples", samples},
             {"ms_per_sample", profiler.wall_s() * 1000 / static_cast<double>(samples)},
             {"learning_state_bytes", trainer.learning_state_bytes()},
             {"neuron_state_bytes", trainer.neuron_state_bytes()},
             {"gradient_bytes", trainer.gradient_bytes()}},
            trainer.counters(),
            threads,
            samples < batches * batch};
}

Measured run(Experiment& experiment, const Options& options, const ProfileOptions& profile,
             Profiler& profiler, unsigned threads) {
    const std::int64_t wanted = profile.length.ticks_of(experiment);
    const Network network(experiment.network, experiment.seed);
    const OpenedRecording recording = open_recording(options, profile.sample, experiment);
    Simulation simulation(network, experiment.seed, threads);
    simulation.set_profiler(profiler);
    SimulationHooks hooks;
    hooks.stop = &interrupt_requested;
    profiler.start();
    const std::int64_t ticks = simulation.run(recording.stream.get(), wanted, hooks);
    profiler.stop();
    const double biological_s = static_cast<double>(ticks) * experiment.network.dt_ms / 1000;
    return {{{"mode", "run"},
             {"ticks", ticks},
             {"real_time_factor", profiler.wall_s() / std::max(biological_s, 1e-12)},
             {"neuron_state_bytes", simulation.neuron_state_bytes()},
             {"queue_bytes", simulation.queue_bytes()}},
            simulation.counters(),
            static_cast<unsigned>(simulation.parts()),
            ticks < wanted};
}

// Options that would be without effect are refused.
void check_options(const ProfileOptions& profile, bool trains) {
    auto refuse = [](const char* option, const char* why) {
        throw InputError(fmt::format("{}: {}", option, why));
    };
    constexpr const char* runs = "the experiment is run, not trained; --duration says how long.";
    constexpr const char* learns = "the experiment is trained; run it with --forward.";
    if (!trains && profile.batches) refuse("--batches", runs);
    if (trains && profile.sample) refuse("--sample", learns);
    if (trains && profile.length.ticks) refuse("--ticks", learns);
    if (trains && !profile.length.duration.empty()) refuse("--duration", learns);
    if (profile.trace.empty() && profile.traced)
        refuse("--spans", "there is no trace without --trace FILE.");
    if (!profile.trace.empty()) require_place(profile.trace, "trace", trace_beginning);
}

int profile_experiment(const Options& options, const ProfileOptions& profile) {
    const PluginRegistry plugins(plugin_folders(options.plugin_folders));
    Experiment experiment = options.read(plugins);
    const unsigned threads = options.threads == 0 ? 1 : options.threads;
    const bool trains = experiment.training && !profile.forward;
    watch_for_interrupts();
    check_options(profile, trains);
    const std::size_t traced = profile.traced.value_or(200000);
    Profiler profiler(threads, profile.trace.empty() ? 0 : traced);
    const Measured measured = trains ? train(experiment, options, profile, profiler, threads)
                                     : run(experiment, options, profile, profiler, threads);
    const ProfileReport report(experiment, profiler, measured.threads);
    json result = report.to_json();
    result.update(measured.about);
    result.update(counters_json(measured.counters));
    result["experiment"] = experiment.name;
    result["isa"] = simd::name(simd::isa());
    result["synaptic_events_per_s"] =
        static_cast<double>(measured.counters.synaptic_events) / profiler.wall_s();
    if (!profile.trace.empty()) {
        result["trace"] = profile.trace;
        result["trace_complete"] = report.write_trace(profile.trace);
    }
    result["interrupted"] = measured.stopped;
    const int status = measured.stopped ? interrupted : done;
    if (options.json) {
        print_json(result);
        return status;
    }
    print_profile(result);
    say("{:.3f} s, {:.4g} synaptic events, {:.4g} a second", profiler.wall_s(),
        result.at("synaptic_events").get<double>(),
        result.at("synaptic_events_per_s").get<double>());
    if (trains)
        say("; {} samples, {:.3f} ms each\n", result.at("samples").get<std::uint64_t>(),
            result.at("ms_per_sample").get<double>());
    else
        say("; {} ticks, {:.3f} times real time\n", result.at("ticks").get<std::int64_t>(),
            result.at("real_time_factor").get<double>());
    if (!profile.trace.empty())
        say("trace  {}{}\n", printable(profile.trace),
            result.at("trace_complete").get<bool>()
                ? ""
                : fmt::format(" (its first {} spans; more with --spans)", traced));
    return status;
}

}  // namespace

void add_profile_command(CommandLine& line) {
    auto options = std::make_shared<Options>();
    auto profile = std::make_shared<ProfileOptions>();
    Arguments arguments =
        line.add("profile", "say where the time of an experiment goes, stage by stage", [=] {
            return guarded(options->json, [&] { return profile_experiment(*options, *profile); });
        });
    options->add_model(arguments);
    arguments.option("--batches", profile->batches, "batches to train (default: 10)", 1, 1'000'000);
    arguments.flag("--forward", profile->forward, "run it forward, though it has \"training\"");
    add_sample(arguments, profile->sample, "recording of the test split to run");
    profile->length.add(arguments);
    arguments.option("--trace", profile->trace, "file for Chrome trace events (Perfetto)", "FILE");
    arguments.option("--spans", profile->traced, "most spans in the trace (default: 200000)", 1,
                     100'000'000);
    options->add_run(arguments);
    arguments.describe("--threads", "threads (default: 1)");
    options->add_plugins(arguments);
    options->add_json(arguments);
}

}  // namespace synfire::cli
