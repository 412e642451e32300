#include <fmt/format.h>

#include <chrono>

#include "base/fingerprint.hpp"
#include "cli/interrupt.hpp"
#include "cli/results_folder.hpp"
#include "cli/session.hpp"
#include "engine/simulation.hpp"
#include "learning/checkpoint.hpp"

namespace synfire::cli {
namespace {

using json = nlohmann::json;
using Clock = std::chrono::steady_clock;

struct RunOptions {
    std::uint64_t sample = 0;
    std::int64_t ticks = 0;
    std::string checkpoint;
};

// One recording as the engine's input.
class RecordingStream final : public InputStream {
  public:
    RecordingStream(std::uint32_t population, const EventSet& set, std::size_t recording)
        : population_(population) {
        events_.assign(set.recording(recording), set.units, set.ticks);
    }
    std::uint32_t population() const override { return population_; }
    std::span<const std::uint32_t> at(std::int64_t tick) const override {
        return tick < events_.ticks() ? events_.at(static_cast<std::uint32_t>(tick))
                                      : std::span<const std::uint32_t>();
    }
    std::int64_t next_tick(std::int64_t tick) const override {
        for (std::int64_t t = tick + 1; t < events_.ticks(); ++t)
            if (!at(t).empty()) return t;
        return Wheel::never;
    }

  private:
    std::uint32_t population_;
    SampleEvents events_;
};

// Spike counts of every population and the hash of all (tick, population, neuron) in order.
struct SpikeTally {
    std::vector<std::uint64_t> counts;
    Fingerprint hash;

    void add(const Engine& engine, std::int64_t tick) {
        for (std::uint32_t p = 0; p < counts.size(); ++p) {
            const auto spikes = engine.spikes(p);
            counts[p] += spikes.size();
            for (const std::uint32_t neuron : spikes) {
                hash.add(static_cast<std::uint32_t>(tick));
                hash.add(p);
                hash.add(neuron);
            }
        }
    }
};

std::unique_ptr<RecordingStream> open_stream(const Options& options, const RunOptions& run,
                                             Experiment& experiment) {
    if (!experiment.input) return nullptr;
    experiment.training.reset();  // only the test split is asked for
    const InputData data = load_data(experiment, options.data);
    if (run.sample >= data.test.size())
        throw InputError(fmt::format("--sample {}: the test split has the recordings 0 to {}.",
                                     run.sample, static_cast<std::int64_t>(data.test.size()) - 1));
    return std::make_unique<RecordingStream>(*experiment.input, data.test, run.sample);
}

void print_summary(const json& s) {
    fmt::print("{} ticks ({} visited, {} skipped) in {:.3f} s\n", s.at("ticks").get<std::int64_t>(),
               s.at("ticks_visited").get<std::uint64_t>(),
               s.at("ticks_skipped").get<std::uint64_t>(), s.at("run_wall_s").get<double>());
    for (const json& p : s.at("populations"))
        fmt::print("  {:<16} {:>8} neurons  {:>10} spikes  {:>9.3f} Hz  {}\n",
                   p.at("name").get<std::string>(), p.at("size").get<std::uint32_t>(),
                   p.at("spikes").get<std::uint64_t>(), p.at("rate_hz").get<double>(),
                   p.value("integration", "input"));
    fmt::print("spike hash {}\n", s.at("spike_hash").get<std::string>());
    if (s.contains("out")) fmt::print("recorded in {}\n", s.at("out").get<std::string>());
}

int simulate_experiment(const Options& options, const RunOptions& run) {
    const auto start = Clock::now();
    const PluginRegistry plugins(plugin_folders(options.plugin_folders));
    Experiment experiment = options.read(plugins);
    if (!experiment.input && run.ticks == 0)
        throw InputError("The experiment has no \"input\"; say how long to run with --ticks N.");
    Network network(experiment.network, experiment.seed);
    if (!run.checkpoint.empty()) load_parameters(run.checkpoint, experiment, network);
    const auto stream = open_stream(options, run, experiment);
    const std::int64_t wanted = run.ticks ? run.ticks : experiment.ticks;

    const bool records = !experiment.record.spikes.empty() || !experiment.record.state.empty();
    std::string folder;
    std::unique_ptr<Recorder> recorder;
    if (records) {
        folder = results_folder(options.out, experiment.name);
        recorder = std::make_unique<Recorder>(experiment.record, network, folder);
    }
    watch_for_interrupts();
    Engine engine(network);
    SpikeTally tally{std::vector<std::uint64_t>(network.populations().size()), {}};
    SimulationHooks hooks;
    hooks.stop = &interrupt_requested;
    if (recorder) hooks.next_tick = [&](std::int64_t tick) { return recorder->next_tick(tick); };
    hooks.visited = [&](const Engine& e, std::int64_t tick) {
        tally.add(e, tick);
        if (recorder) recorder->record(e, tick);
    };
    const auto begun = Clock::now();
    const std::int64_t ticks = simulate(engine, stream.get(), wanted, hooks);
    if (recorder) recorder->close();
    auto since = [](Clock::time_point t) {
        return std::chrono::duration<double>(Clock::now() - t).count();
    };

    json s = network_json(network);
    s.update(counters_json(engine.counters()));
    const double biological_s = static_cast<double>(ticks) * experiment.network.dt_ms / 1000;
    for (std::size_t p = 0; p < tally.counts.size(); ++p) {
        s["populations"][p]["spikes"] = tally.counts[p];
        s["populations"][p]["rate_hz"] = ticks ? static_cast<double>(tally.counts[p]) /
                                                     network.populations()[p].size() / biological_s
                                               : 0.0;
    }
    s["experiment"] = experiment.name;
    s["seed"] = experiment.seed;
    s["ticks"] = ticks;
    s["interrupted"] = ticks < wanted;
    s["spike_hash"] = fmt::format("{:016x}", tally.hash.value());
    s["run_wall_s"] = since(begun);
    s["build_wall_s"] = since(start) - since(begun);
    s["neuron_state_bytes"] = engine.neuron_state_bytes();
    s["queue_bytes"] = engine.queue_bytes();
    if (recorder) s["out"] = folder;
    if (options.json)
        print_json(s);
    else
        print_summary(s);
    return ticks < wanted ? interrupted : done;
}

}  // namespace

void add_run_command(CLI::App& app, Body& body) {
    CLI::App* command = app.add_subcommand("run", "run a network forward and record it");
    auto options = std::make_shared<Options>();
    auto run = std::make_shared<RunOptions>();
    options->add_model(*command);
    command->add_option("--sample", run->sample, "recording of the test split to present");
    command->add_option("--ticks", run->ticks, "length of the run (default: /input/ticks)")
        ->check(CLI::PositiveNumber);
    command->add_option("--checkpoint", run->checkpoint, "weights that train wrote")
        ->type_name("FILE");
    options->add_run(*command);
    options->add_plugins(*command);
    options->add_json(*command);
    command->callback([=, &body] {
        body = [=] {
            return guarded(options->json, [&] { return simulate_experiment(*options, *run); });
        };
    });
}

}  // namespace synfire::cli
