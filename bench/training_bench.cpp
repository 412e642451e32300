// One training sample, from events to gradient, over spike density and length: cost has to follow
// events. Density is the share of neurons that fire at a tick: of the input, and in the recurrent
// networks of the hidden population too, whose threshold is set so.
#include <benchmark/benchmark.h>

#include <array>
#include <string>

#include "base/flush_to_zero.hpp"
#include "base/random.hpp"
#include "formats.hpp"
#include "json/document.hpp"
#include "learning/experiment.hpp"
#include "learning/input.hpp"
#include "learning/learner.hpp"
#include "network/network.hpp"

using namespace synfire;

namespace {

struct Subject {
    const char* model;
    std::uint32_t hidden = 0;  // neurons of the recurrent population, whose density is set; 0: none
    std::uint32_t inputs = 0;  // where not those of the model
};

constexpr Subject shd{"shd-stllr", 450};
constexpr Subject wide{"shd-stllr", 2000, 2000};  // the same, with more neurons
constexpr Subject conv{"nmnist-small-stllr"};
constexpr Subject vgg{"nmnist-vgg-stllr"};

Experiment experiment(const Subject& subject, const char* rule, std::uint32_t ticks,
                      double threshold) {
    static const PluginRegistry plugins({SYNFIRE_PLUGIN_FOLDER});
    Document document =
        Document::from_file(std::string(SYNFIRE_SOURCE_DIR "/models/") + subject.model + ".json");
    document.set("/input/ticks=" + std::to_string(ticks));
    document.set("/training/window_ticks=" + std::to_string(ticks * 9 / 10));
    document.set(std::string("/training/rule=") + rule);
    if (subject.hidden > 0) {
        document.set("/network/populations/1/size=" + std::to_string(subject.hidden));
        document.set("/network/populations/1/parameters/threshold=" + std::to_string(threshold));
    }
    if (subject.inputs > 0)
        document.set("/network/populations/0/size=" + std::to_string(subject.inputs));
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

// An experiment with all that presenting samples of it takes.
struct Trial {
    Experiment experiment;
    Network network;
    RuleInstances rules;
    FeedbackWeights feedback;
    Gradients gradients;
    std::vector<std::unique_ptr<Learner>> learners;
    SampleEvents sample;

    Trial(Experiment e, double density)
        : experiment(std::move(e)),
          network(experiment.network, 1, trained_populations(experiment.network)),
          rules(network),
          feedback(network, *experiment.training, 1),
          gradients(network, rules.sites()),
          sample(
              noise(network.populations()[*experiment.input].size(), experiment.ticks, density)) {
        for (std::size_t k = 0; k < Learner::samples_at_once(network); ++k)
            learners.push_back(std::make_unique<Learner>(network, *experiment.training, rules,
                                                         feedback, *experiment.input, gradients));
    }
    // As many samples as a learner is told of ahead.
    std::uint64_t present(std::uint32_t batch) {
        const std::size_t ahead = learners.front()->lookahead().samples(sample.ticks());
        for (const auto& learner : learners)
            learner->lookahead().announce(std::vector<const SampleEvents*>(ahead, &sample));
        std::vector<Learner*> all;
        for (const auto& learner : learners) all.push_back(learner.get());
        const std::vector<const SampleEvents*> samples(all.size(), &sample);
        std::vector<SampleOutcome> outcomes(all.size());
        for (std::size_t k = 0; k < ahead; ++k) present_together(all, samples, batch, outcomes);
        return ahead * all.size();
    }
    std::uint64_t spikes() const {
        std::uint64_t sum = 0;
        for (const auto& learner : learners) sum += learner->counters().spikes;
        return sum;
    }
};

// The threshold at which the hidden population is as dense as the input.
double threshold_for(const Subject& subject, std::uint32_t ticks, double density) {
    double low = 0.01, high = 50;
    for (int i = 0; i < 12; ++i) {
        const double middle = 0.5 * (low + high);
        Trial trial(experiment(subject, "stllr", ticks, middle), density);
        const double samples = static_cast<double>(trial.present(0));
        const double fired = static_cast<double>(trial.spikes()) / samples / ticks / subject.hidden;
        (fired > density ? low : high) = middle;
    }
    return 0.5 * (low + high);
}

// Arguments: ticks, density in per mille, batch (0: forward only).
void sample(benchmark::State& state, const Subject& subject, const char* rule) {
    const auto ticks = static_cast<std::uint32_t>(state.range(0));
    const double density = static_cast<double>(state.range(1)) / 1000;
    const FlushToZero flush;
    const double threshold = subject.hidden > 0 ? threshold_for(subject, ticks, density) : 0;
    Trial trial(experiment(subject, rule, ticks, threshold), density);
    std::uint64_t samples = 0;
    for (auto _ : state) samples += trial.present(static_cast<std::uint32_t>(state.range(2)));
    const auto count = static_cast<double>(samples);
    state.counters["one"] = benchmark::Counter(
        count, benchmark::Counter::kIsRate | benchmark::Counter::kInvert);  // time of one sample
    state.counters["in"] = static_cast<double>(trial.sample.units.size());
    state.counters["spikes"] = static_cast<double>(trial.spikes()) / count;
    state.counters["learning_bytes"] =
        static_cast<double>(trial.learners.front()->learning_state_bytes());
}

#define OVER_DENSITY(...)                      \
    ->ArgNames({"ticks", "permille", "batch"}) \
        ->ArgsProduct({__VA_ARGS__})           \
        ->Unit(benchmark::kMicrosecond)

BENCHMARK_CAPTURE(sample, shd_forward, shd, "stllr")
OVER_DENSITY({100}, {5, 20, 25, 100}, {0});
BENCHMARK_CAPTURE(sample, shd_stllr, shd, "stllr")
OVER_DENSITY({100, 300, 1000}, {5, 20, 25, 100}, {128});
BENCHMARK_CAPTURE(sample, shd_bptt, shd, "bptt")
OVER_DENSITY({100, 300, 1000}, {5, 20, 25, 100}, {128});
BENCHMARK_CAPTURE(sample, wide_stllr, wide, "stllr")
OVER_DENSITY({100}, {5, 20, 25, 100}, {128});
BENCHMARK_CAPTURE(sample, wide_bptt, wide, "bptt")
OVER_DENSITY({100}, {5, 20, 25, 100}, {128});
BENCHMARK_CAPTURE(sample, conv_stllr, conv, "stllr")
OVER_DENSITY({20, 60}, {5, 20, 100}, {32});
BENCHMARK_CAPTURE(sample, conv_bptt, conv, "bptt")
OVER_DENSITY({20, 60}, {5, 20, 100}, {32});
BENCHMARK_CAPTURE(sample, vgg_stllr, vgg, "stllr")
OVER_DENSITY({20}, {5, 20, 100}, {32});
BENCHMARK_CAPTURE(sample, vgg_bptt, vgg, "bptt")
OVER_DENSITY({20}, {5, 20, 100}, {32});

}  // namespace
