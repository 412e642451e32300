// Back-propagation through time as the engine runs it against derivatives written out neuron by
// neuron over the whole history: delays of several ticks, truncation, and what the tape holds.
#include <doctest/doctest.h>

#include <cmath>

#include "support/trial.hpp"

using namespace synfire;
using namespace synfire::testing;
using json = nlohmann::json;

namespace {

constexpr int inputs = 6, hidden = 8, outputs = 3, ticks = 20;
constexpr int from_input = 0, back_to_hidden = 1, to_output = 2;  // projections

// small_experiment with delays of 2, 3 and 1 ticks.
json delayed(int truncation, const char* loss) {
    json e = small_experiment();
    auto& projections = e["network"]["projections"];
    for (int p = 0; p < 3; ++p) projections[p]["standardise"] = false;
    projections[from_input]["delay_ticks"] = 2;
    projections[back_to_hidden]["delay_ticks"] = 3;
    projections[to_output]["delay_ticks"] = 1;
    // Weights at which a fair share of the hidden neurons fires.
    projections[from_input]["weights"] = {
        {"distribution", "uniform"}, {"low", -0.4}, {"high", 0.9}};
    e["training"]["rule"] = "bptt";
    e["training"]["rules"]["bptt"] = {{"truncation_ticks", truncation}};
    e["training"]["loss"] = loss;
    e["training"].erase("augmentation");
    return e;
}

// What the forward run left, and the gradients that follow from it.
struct Reference {
    std::vector<std::vector<double>> spikes, psi, error;  // by tick
    std::vector<std::vector<double>> gradient;            // by projection, [source][target]

    void go_back(const Network& network, const SampleEvents& sample, int truncation) {
        auto weight = [&](int p, int j, int i) {
            return double{network.projections()[static_cast<std::size_t>(p)].weights.row(
                static_cast<std::size_t>(j))[i]};
        };
        const double decay = 1 / (1 + std::exp(-2.0)), decay_out = 1 / (1 + std::exp(-5.0));
        gradient = {std::vector<double>(inputs * hidden), std::vector<double>(hidden * hidden),
                    std::vector<double>(hidden * outputs)};
        std::vector<std::vector<double>> at_hidden(ticks, std::vector<double>(hidden)),
            at_output(ticks, std::vector<double>(outputs));
        auto stretch = [&](int t) { return truncation ? t / truncation : 0; };
        auto later = [&](const auto& of, int t, int delay) {
            return t + delay < ticks && stretch(t + delay) == stretch(t)
                       ? of[static_cast<std::size_t>(t + delay)]
                       : std::vector<double>(of[0].size());
        };
        for (int t = ticks - 1; t >= 0; --t) {
            for (int k = 0; k < outputs; ++k)
                at_output[t][k] = error[t][k] + decay_out * later(at_output, t, 1)[k];
            for (int i = 0; i < hidden; ++i) {
                double signal = 0;
                for (int k = 0; k < outputs; ++k)
                    signal += weight(to_output, i, k) * later(at_output, t, 1)[k];
                for (int m = 0; m < hidden; ++m)
                    signal += weight(back_to_hidden, i, m) * later(at_hidden, t, 3)[m];
                at_hidden[t][i] = psi[t][i] * signal + decay * later(at_hidden, t, 1)[i];
            }
            for (int i = 0; i < hidden; ++i) {
                if (t >= 2)
                    for (const std::uint32_t j : sample.at(static_cast<std::uint32_t>(t - 2)))
                        gradient[from_input][j * hidden + i] += at_hidden[t][i];
                for (int j = 0; t >= 3 && j < hidden; ++j)
                    gradient[back_to_hidden][j * hidden + i] += spikes[t - 3][j] * at_hidden[t][i];
                for (int k = 0; t >= 1 && k < outputs; ++k)
                    gradient[to_output][i * outputs + k] += spikes[t - 1][i] * at_output[t][k];
            }
        }
    }
};

std::vector<double> softmax_error(const std::vector<double>& output, std::uint32_t label) {
    std::vector<double> error;
    double sum = 0;
    for (const double y : output) sum += std::exp(y);
    for (std::size_t k = 0; k < output.size(); ++k)
        error.push_back(std::exp(output[k]) / sum - (k == label));
    return error;
}

}  // namespace

TEST_CASE("gradients go back through delays of several ticks, and no further than asked") {
    for (const char* loss : {"cross_entropy", "cross_entropy_of_sum"})
        for (const int truncation : {0, 7, 1}) {
            CAPTURE(loss);
            CAPTURE(truncation);
            Trial trial(delayed(truncation, loss));
            const EventSet set = random_recordings(1, inputs, ticks, 4);
            const SampleEvents sample = sample_of(set, 0);
            const int window = static_cast<int>(trial.experiment.training->window);
            Reference reference;
            std::vector<double> sum(outputs);
            int stretch_begin = 0;
            double spikes = 0;
            trial.learner.begin(sample, 1);
            for (int t = 0; t < ticks; ++t) {
                trial.learner.tick(static_cast<std::uint32_t>(t));
                const Engine& engine = trial.learner.engine();
                std::vector<double> fired(hidden), error(outputs);
                for (const std::uint32_t i : engine.spikes(1)) fired[i] = 1;
                spikes += static_cast<double>(engine.spikes(1).size());
                reference.spikes.push_back(fired);
                reference.psi.emplace_back(engine.psi(1), engine.psi(1) + hidden);
                const std::vector<double> output(engine.output(2), engine.output(2) + outputs);
                const bool in_window = ticks - t <= window;
                if (in_window && std::string(loss) == "cross_entropy")
                    error = softmax_error(output, sample.label);
                reference.error.push_back(error);
                // The loss of a sum is that of each stretch.
                for (int k = 0; in_window && k < outputs; ++k) sum[k] += output[k];
                if (t + 1 == ticks || (truncation && (t + 1) % truncation == 0)) {
                    for (int s = stretch_begin; s <= t; ++s)
                        if (ticks - s <= window && std::string(loss) == "cross_entropy_of_sum")
                            reference.error[s] = softmax_error(sum, sample.label);
                    std::ranges::fill(sum, 0.0);
                    stretch_begin = t + 1;
                }
            }
            trial.learner.end();
            trial.gradients.flush();
            CHECK(spikes > ticks);
            reference.go_back(trial.network, sample, truncation);
            for (std::size_t p = 0; p < 3; ++p) {
                CAPTURE(p);
                const Matrix& gradient = trial.gradients.arrays()[p].weights;
                double largest = 0;
                for (const double g : reference.gradient[p])
                    largest = std::max(largest, std::fabs(g));
                // One tick back, nothing comes through a delay; the readout's own weights learn.
                CHECK((largest > 0) == (truncation != 1 || p == to_output));
                for (std::uint32_t j = 0; j < gradient.rows; ++j)
                    for (std::uint32_t i = 0; i < gradient.columns; ++i)
                        CHECK(std::fabs(gradient.row(j)[i] -
                                        reference.gradient[p][j * gradient.columns + i]) <=
                              1e-5 * largest);
            }
        }
}

TEST_CASE("the tape grows with a sample's length, and a truncated one does not") {
    auto bytes = [](int length, int truncation) {
        json e = delayed(truncation, "cross_entropy");
        e["input"]["ticks"] = length;
        e["training"]["window_ticks"] = length;
        Trial trial(e);
        trial.learner.present(
            sample_of(random_recordings(1, inputs, static_cast<std::uint32_t>(length), 4), 0), 1);
        trial.gradients.flush();
        return trial.learner.learning_state_bytes();
    };
    CHECK(bytes(1000, 0) > 5 * bytes(100, 0));
    CHECK(bytes(1000, 50) < 1.2 * static_cast<double>(bytes(100, 50)));
}

TEST_CASE("going on from one sample to the next, nothing of the first is left") {
    const EventSet set = random_recordings(3, inputs, ticks, 4);
    Trial once(delayed(7, "cross_entropy")), after(delayed(7, "cross_entropy"));
    once.learner.present(sample_of(set, 2), 1);
    once.gradients.flush();
    after.learner.present(sample_of(set, 0), 1);
    after.gradients.flush();
    after.learner.present(sample_of(set, 1), 1);
    after.gradients.flush();
    after.gradients.begin();
    after.learner.present(sample_of(set, 2), 1);
    after.gradients.flush();
    for (std::size_t p = 0; p < 3; ++p)
        CHECK(once.gradients.arrays()[p].weights.data == after.gradients.arrays()[p].weights.data);
}

TEST_CASE("samples presented together give the gradients that they give one by one") {
    // Wide enough that derivatives are carried back for several at once; two stretches.
    json e = small_experiment();
    e["network"]["populations"][1]["size"] = 120;
    e["training"]["rule"] = "bptt";
    e["training"]["rules"] = {{"bptt", {{"truncation_ticks", 12}}}};
    e["training"].erase("augmentation");
    Trial trial(e);
    const std::size_t at_once = Learner::samples_at_once(trial.network);
    REQUIRE(at_once == 4);
    const EventSet set = random_recordings(4, 6, 20, 8);
    std::vector<SampleEvents> samples;
    std::vector<std::unique_ptr<Learner>> learners;
    std::vector<Learner*> together;
    std::vector<const SampleEvents*> events;
    std::vector<SampleOutcome> outcomes(at_once);
    for (std::size_t k = 0; k < at_once; ++k) {
        samples.push_back(sample_of(set, k));
        learners.push_back(std::make_unique<Learner>(trial.network, *trial.experiment.training,
                                                     trial.rules, trial.feedback, 0,
                                                     trial.gradients));
        together.push_back(learners.back().get());
    }
    for (const SampleEvents& sample : samples) events.push_back(&sample);
    present_together(together, events, 4, outcomes);
    trial.gradients.flush();

    Trial single(e);
    for (std::size_t k = 0; k < at_once; ++k) {
        const SampleOutcome outcome = single.learner.present(samples[k], 4);
        CHECK(outcome.loss == outcomes[k].loss);
        CHECK(outcome.prediction == outcomes[k].prediction);
    }
    single.gradients.flush();
    CHECK(single.gradients.counters().macs_learning == trial.gradients.counters().macs_learning);
    std::uint64_t carried = 0;
    for (const auto& learner : learners) carried += learner->counters().macs_learning;
    CHECK(single.learner.counters().macs_learning == carried);
    for (std::size_t p = 0; p < trial.gradients.arrays().size(); ++p) {
        const auto& a = trial.gradients.arrays()[p].weights.data;
        const auto& b = single.gradients.arrays()[p].weights.data;
        for (std::size_t i = 0; i < a.size(); ++i)
            CHECK(std::fabs(a[i] - b[i]) <= 1e-5f + 1e-4f * std::fabs(b[i]));
    }
}
