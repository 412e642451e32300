#include <fmt/format.h>
#include <fnmatch.h>

#include <chrono>
#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/note.hpp"
#include "base/peak_memory.hpp"
#include "base/printable.hpp"
#include "cli/interrupt.hpp"
#include "cli/output.hpp"
#include "cli/plot.hpp"
#include "cli/results_folder.hpp"
#include "cli/session.hpp"
#include "cli/simulation_input.hpp"
#include "cli/spike_tally.hpp"
#include "engine/save_weights.hpp"
#include "engine/simulation.hpp"
#include "learning/checkpoint.hpp"
#include "synfire/simd.hpp"

namespace synfire::cli {
namespace {

using json = nlohmann::json;
using Clock = std::chrono::steady_clock;

struct RunOptions {
    std::optional<std::uint64_t> sample;
    RunLength length;
    std::string checkpoint;
    std::string plots;  // folder
    std::string save;   // file for weights
};

// How the weights of each plastic projection are distributed at the end.
json plastic_json(const Simulation& simulation) {
    json list = json::array();
    const auto& projections = simulation.network().projections();
    for (std::uint32_t p = 0; p < projections.size(); ++p) {
        if (!projections[p].rule) continue;
        double count = 0, sum = 0, squares = 0;
        simulation.for_each_plastic_weight(p, [&](float w) {
            count += 1;
            sum += w;
            squares += double{w} * w;
        });
        const double mean = count > 0 ? sum / count : 0;
        const double variance = count > 0 ? std::max(0.0, squares / count - mean * mean) : 0;
        list.push_back({{"projection", projections[p].name},
                        {"synapses", count},
                        {"weight_mean", mean},
                        {"weight_std", std::sqrt(variance)}});
    }
    return list;
}

// Throws InputError where the weights would be saved over what the run records.
void require_apart(const std::string& file, const ResultsFolder& results) {
    const std::filesystem::path path(file);
    const std::filesystem::path folder = path.parent_path();
    if (!results.is(folder.empty() ? "." : folder.string())) return;
    for (const std::string& pattern : record_file_patterns())
        if (::fnmatch(pattern.c_str(), path.filename().c_str(), FNM_PERIOD) == 0)
            throw InputError(fmt::format(
                "{}: the weights would replace a recording of this run; another name is expected.",
                file));
}

void print_run(const json& s) {
    say("{} ticks ({} visited, {} skipped) in {:.3f} s after {:.3f} s of building\n",
        s.at("ticks").get<std::int64_t>(), s.at("ticks_visited").get<std::uint64_t>(),
        s.at("ticks_skipped").get<std::uint64_t>(), s.at("run_wall_s").get<double>(),
        s.at("build_wall_s").get<double>());
    for (const json& p : s.at("populations"))
        say("  {:<16} {:>8} neurons  {:>10} spikes  {:>9.3f} Hz  {}\n",
            p.at("name").get<std::string>(), p.at("size").get<std::uint32_t>(),
            p.at("spikes").get<std::uint64_t>(), p.at("rate_hz").get<double>(),
            p.value("integration", "input"));
    say("{:.4g} synaptic events, {:.4g} a second; {} synapses\n",
        s.at("synaptic_events").get<double>(), s.at("synaptic_events_per_s").get<double>(),
        s.at("synapses").get<std::uint64_t>());
    say("spike hash {}\n", s.at("spike_hash").get<std::string>());
    if (s.contains("out")) say("recorded in {}\n", printable(s.at("out").get<std::string>()));
    if (s.contains("weights"))
        say("weights in  {}\n", printable(s.at("weights").get<std::string>()));
    if (s.contains("plots"))
        for (const json& picture : s.at("plots"))
            say("drawn      {}\n", printable(picture.get<std::string>()));
}

int simulate_experiment(const Options& options, const RunOptions& run) {
    const auto start = Clock::now();
    const PluginRegistry plugins(plugin_folders(options.plugin_folders));
    Experiment experiment = options.read(plugins);
    const std::int64_t wanted = run.length.ticks_of(experiment);
    if (!run.save.empty()) require_place_for_weights(run.save);
    std::optional<Network> built;
    in_file(options.model, [&] { built.emplace(experiment.network, experiment.seed); });
    Network& network = *built;
    if (!run.checkpoint.empty())
        for (const std::string& words : load_parameters(run.checkpoint, experiment, network))
            note("note: " + words);
    const OpenedRecording recording = open_recording(options, run.sample, experiment);

    std::optional<ResultsFolder> folder, plots;
    std::optional<RunPlot> plot;
    std::unique_ptr<Recorder> recorder;
    if (!experiment.record.empty()) folder = ResultsFolder::open(options.out, experiment.name);
    if (folder && !run.save.empty()) require_apart(run.save, *folder);
    if (!run.plots.empty()) {
        if (!folder || !folder->is(run.plots)) plots = ResultsFolder::open(run.plots, "");
        plot.emplace(network, run.plots, wanted);
    }
    if (folder) {
        folder->set_aside(record_file_patterns());
        in_file(options.model, [&] {
            recorder = std::make_unique<Recorder>(experiment.record, network, folder->path());
        });
    }
    watch_for_interrupts();
    SpikeTally tally(network);
    Simulation simulation(network, experiment.seed, options.thread_count());
    SimulationHooks hooks;
    hooks.reads_state = experiment.record.reads_state();
    hooks.stop = &interrupt_requested;
    if (recorder) hooks.next_tick = [&](std::int64_t tick) { return recorder->next_tick(tick); };
    hooks.visited = [&](const Simulation& at, std::int64_t tick) {
        tally.add(at, tick);
        if (recorder) recorder->record(at, tick);
        if (plot) plot->add(at, tick);
    };
    const double build_s = std::chrono::duration<double>(Clock::now() - start).count();
    const auto begun = Clock::now();
    const std::int64_t ticks = simulation.run(recording.stream.get(), wanted, hooks);
    const double run_s = std::chrono::duration<double>(Clock::now() - begun).count();
    if (recorder) recorder->close();
    simulation.require_finite();
    json s = network_json(network);
    s["plastic"] = plastic_json(simulation);
    if (!run.save.empty()) save_weights(run.save, simulation);

    s.update(counters_json(simulation.counters()));
    s.update(*recording.summary);
    const double biological_s = static_cast<double>(ticks) * experiment.network.dt_ms / 1000;
    for (std::size_t p = 0; p < network.populations().size(); ++p) {
        json& population = s["populations"][p];
        population["spikes"] = tally.spikes(p);
        population["rate_hz"] = ticks ? static_cast<double>(tally.spikes(p)) /
                                            network.populations()[p].size() / biological_s
                                      : 0.0;
        if (const auto cv = tally.mean_cv(p)) population["cv"] = *cv;
        if (const auto& schedule = experiment.network.populations[p].schedule)
            population["events_merged"] = schedule->merged();
    }
    s["experiment"] = experiment.name;
    s["seed"] = experiment.seed;
    s["threads"] = simulation.parts();
    s["isa"] = simd::name(simd::isa());
    s["ticks"] = ticks;
    s["interrupted"] = ticks < wanted;
    s["spike_hash"] = fmt::format("{:016x}", tally.hash());
    s["run_wall_s"] = run_s;
    s["build_wall_s"] = build_s;
    s["real_time_factor"] = run_s / biological_s;
    s["synaptic_events_per_s"] = static_cast<double>(simulation.counters().synaptic_events) / run_s;
    if (network.synapse_count() > 0)
        s["bytes_per_synapse"] =
            static_cast<double>(network.synapse_bytes() + simulation.plastic_bytes()) /
            static_cast<double>(network.synapse_count());
    s["peak_rss_bytes"] = peak_rss_bytes();
    s["neuron_state_bytes"] = simulation.neuron_state_bytes();
    s["queue_bytes"] = simulation.queue_bytes();
    if (recorder) s["out"] = folder->path();
    if (!run.save.empty()) s["weights"] = run.save;
    if (plot) s["plots"] = plot->draw(ticks);
    if (options.json)
        print_json(s);
    else
        print_run(s);
    return ticks < wanted ? interrupted : done;
}

}  // namespace

void add_run_command(CommandLine& line) {
    auto options = std::make_shared<Options>();
    auto run = std::make_shared<RunOptions>();
    Arguments arguments = line.add("run", "run a network forward and record it", [=] {
        return guarded(options->json, [&] { return simulate_experiment(*options, *run); });
    });
    options->add_model(arguments);
    add_sample(arguments, run->sample, "recording of the test split to present");
    run->length.add(arguments);
    arguments.option("--plot", run->plots, "folder for pictures of spikes and rates (SVG)", "DIR");
    arguments.option("--save", run->save, "HDF5 file for all weights as they are at the end",
                     "FILE");
    arguments.option("--checkpoint", run->checkpoint, "weights that train wrote", "FILE");
    options->add_run(arguments);
    options->add_plugins(arguments);
    options->add_json(arguments);
}

}  // namespace synfire::cli
