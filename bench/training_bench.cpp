// One sample of the SHD network, forward and with learning, over spike density (per mille of the
// inputs a tick) and over the length of a sample.
#include <benchmark/benchmark.h>

#include "base/random.hpp"
#include "formats.hpp"
#include "learning/experiment.hpp"
#include "learning/learner.hpp"
#include "network/network.hpp"

using namespace synfire;

namespace {

Experiment shd(std::uint32_t ticks) {
    static const PluginRegistry plugins({SYNFIRE_PLUGIN_FOLDER});
    Document document = Document::from_file(SYNFIRE_SOURCE_DIR "/models/shd-stllr.json");
    document.set("/input/ticks=" + std::to_string(ticks));
    document.set("/training/window_ticks=" + std::to_string(ticks * 9 / 10));
    return read_experiment(document, plugins, input_formats());
}

SampleEvents noise(std::uint32_t units, std::uint32_t ticks, double density) {
    Random random(1, Stream::scene, 0, 0);
    std::vector<std::uint32_t> keys;
    for (std::uint32_t key = 0; key < units * ticks; ++key)
        if (random.uniform() < density) keys.push_back(key);
    SampleEvents sample;
    sample.assign(keys, units, ticks);
    return sample;
}

// Arguments: ticks, density in per mille, batch (0: forward only).
void shd_sample(benchmark::State& state) {
    const auto ticks = static_cast<std::uint32_t>(state.range(0));
    const Experiment experiment = shd(ticks);
    const TrainingDescription& training = *experiment.training;
    const Network network(experiment.network, 1, trained_populations(experiment.network));
    const RuleInstances rules(network, training);
    const FeedbackWeights feedback(network, training, 1);
    Gradients gradients(network);
    Learner learner(network, training, rules, feedback, *experiment.input, gradients);
    const SampleEvents sample = noise(700, ticks, static_cast<double>(state.range(1)) / 1000);
    for (auto _ : state)
        benchmark::DoNotOptimize(
            learner.present(sample, static_cast<std::uint32_t>(state.range(2))));
    const double samples = static_cast<double>(state.iterations());
    state.counters["spikes"] = static_cast<double>(learner.counters().spikes) / samples;
    state.counters["learning_bytes"] = static_cast<double>(learner.learning_state_bytes());
}
BENCHMARK(shd_sample)
    ->ArgNames({"ticks", "permille", "batch"})
    ->ArgsProduct({{100}, {5, 20, 50, 100}, {0, 128}})
    ->Args({300, 50, 128})
    ->Args({1000, 50, 128})
    ->Unit(benchmark::kMicrosecond);

}  // namespace
