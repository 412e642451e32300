// Dropout: neurons silenced for a whole training sample, and never in a test.
#include <doctest/doctest.h>

#include <cmath>
#include <set>

#include "support/trial.hpp"

using namespace synfire;
using namespace synfire::testing;
using json = nlohmann::json;

namespace {

json with_dropout(const char* rule, double probability) {
    json e = small_experiment();
    e["network"]["populations"][1]["dropout"] = probability;
    e["network"]["populations"][1]["size"] = 200;
    e["training"]["rule"] = rule;
    return e;
}

// The hidden neurons that fire at some tick of a sample.
std::set<std::uint32_t> firing(Trial& trial, const SampleEvents& sample, std::uint32_t batch) {
    std::set<std::uint32_t> all;
    trial.learner.begin(sample, batch);
    for (std::uint32_t t = 0; t < sample.ticks(); ++t) {
        trial.learner.tick(t);
        for (const std::uint32_t i : trial.learner.engine().spikes(1)) all.insert(i);
    }
    trial.learner.end();
    trial.gradients.flush();
    return all;
}

}  // namespace

TEST_CASE("silenced neurons never fire in a training sample and teach nothing") {
    for (const char* rule : {"stllr", "bptt"}) {
        CAPTURE(rule);
        Trial trial(with_dropout(rule, 0.5)), whole(with_dropout(rule, 0));
        const EventSet set = random_recordings(2, 6, 20, 4);
        SampleEvents sample = sample_of(set, 0);
        sample.draw = {3, 0, 0};
        const auto some = firing(trial, sample, 1);
        const auto all = firing(whole, sample, 1);
        CHECK(some.size() > all.size() / 4);
        CHECK(some.size() < all.size() * 3 / 4);
        const AlignedVector<float>& mask = trial.learner.engine().dropout_mask(1);
        REQUIRE(mask.size() == 200);
        const Matrix& gradient = trial.gradients.arrays()[0].weights;
        double kept_sum = 0;
        for (std::uint32_t i = 0; i < 200; ++i)
            for (std::uint32_t j = 0; j < gradient.rows; ++j) {
                if (mask[i] == 0) CHECK(gradient.row(j)[i] == 0.0f);
                kept_sum += std::abs(gradient.row(j)[i]);
            }
        CHECK(kept_sum > 0);
        for (const std::uint32_t i : some) CHECK(mask[i] == 1.0f);

        // Another recording silences others; the same one, the same; a test, none.
        sample.draw.recording = 1;
        CHECK(firing(trial, sample, 1) != some);
        sample.draw.recording = 0;
        CHECK(firing(trial, sample, 1) == some);
        CHECK(firing(trial, sample, 0) == all);
    }
}

namespace {

// Without standardisation, so that weights are what spikes meet.
json with_scale(const char* rule, bool scale) {
    json e = with_dropout(rule, 0.5);
    e["network"]["populations"][1]["dropout_scale"] = scale;
    for (json& p : e["network"]["projections"]) p["standardise"] = false;
    e["training"].erase("augmentation");
    return e;
}

}  // namespace

TEST_CASE("scaled, what dropout leaves counts for what twice the weights would make of it") {
    for (const char* rule : {"stllr", "bptt"}) {
        CAPTURE(rule);
        Trial scaled(with_scale(rule, true)), doubled(with_scale(rule, false));
        for (const std::size_t p : {1, 2})  // of the spikes of the hidden neurons
            for (float& w : doubled.network.projections()[p].weights.data) w *= 2;
        doubled.network.refresh();
        scaled.network.value_events(true);
        SampleEvents sample = sample_of(random_recordings(1, 6, 20, 4), 0);
        sample.draw = {3, 0, 0};
        const SampleOutcome a = scaled.learner.present(sample, 1);
        const SampleOutcome b = doubled.learner.present(sample, 1);
        CHECK(a.loss == b.loss);
        scaled.gradients.flush();
        doubled.gradients.flush();
        for (std::size_t p = 0; p < 3; ++p)
            CHECK(scaled.gradients.arrays()[p].weights.data ==
                  doubled.gradients.arrays()[p].weights.data);
        // A test has all neurons, each of which counts for one.
        scaled.network.value_events(false);
        for (std::size_t p = 0; p < 3; ++p)
            CHECK(scaled.network.projections()[p].used().data ==
                  scaled.network.projections()[p].weights.data);
    }
}

TEST_CASE("gradients of weights behind scaled dropout are those of the loss") {
    json e = with_scale("bptt", true);
    e["training"]["window_ticks"] = 20;
    e["training"]["optimiser"] = {{"type", "sgd"}, {"rate", 0.01}};
    const Experiment experiment = synfire::testing::experiment(e);
    Network network(experiment.network, 3, trained_populations(experiment.network));
    Trainer trainer(network, *experiment.training, 0, 3, 2);
    const EventSet set = random_recordings(4, 6, 20, 4);
    const std::vector<std::uint32_t> all{0, 1, 2, 3};
    Matrix& weights = network.projections()[2].weights;
    std::vector<AlignedVector<float>> start;
    for (const Projection& p : network.projections()) start.push_back(p.weights.data);
    auto loss = [&](std::uint32_t i, std::uint32_t k, float change) {
        for (std::size_t p = 0; p < 3; ++p) network.projections()[p].weights.data = start[p];
        network.projections()[0].bias.data.assign(network.projections()[0].bias.data.size(), 0);
        network.projections()[2].bias.data.assign(network.projections()[2].bias.data.size(), 0);
        weights.row(i)[k] += change;
        network.refresh();
        return trainer.train_batch(set, all, 0, 0, 1).mean_loss().value();
    };
    loss(0, 0, 0);
    const AlignedVector<float> after = weights.data;
    double largest = 0;
    std::size_t compared = 0;
    for (std::uint32_t i = 0; i < 200; i += 7)
        for (std::uint32_t k = 0; k < 3; ++k) {
            constexpr float step = 0.002f;
            const std::size_t at = i * weights.stride + k;
            const double descent = double{start[2][at]} - after[at];
            const double slope = (loss(i, k, step) - loss(i, k, -step)) / (2 * step);
            // The gradient is of the loss summed over ticks.
            CHECK(descent / 0.01 == doctest::Approx(slope * 20).epsilon(0.01).scale(0.05));
            largest = std::max(largest, std::fabs(slope * 20));
            compared += std::fabs(slope) > 0;
        }
    CHECK(largest > 0.1);
    CHECK(compared > 20);
}

TEST_CASE("scaled dropout drives what follows in training as in a test, in the mean") {
    // Weights so small that the loss is linear in the drive of the readout.
    auto drives = [](bool scale) {
        json e = with_scale("stllr", scale);
        e["network"]["projections"].erase(1);  // no recurrence: dropout changes no other spike
        e["network"]["projections"][1]["bias"] = false;
        e["network"]["projections"][1]["weights"] = {{"distribution", "constant"}, {"value", 0}};
        e["training"]["optimiser"] = {{"type", "sgd"}, {"rate", 1e-30}};
        const Experiment experiment = synfire::testing::experiment(e);
        Network network(experiment.network, 3, trained_populations(experiment.network));
        Matrix& weights = network.projections()[1].weights;
        for (std::uint32_t i = 0; i < 200; ++i) weights.row(i)[0] = 1e-4f;
        network.refresh();
        Trainer trainer(network, *experiment.training, 0, 3, 2);
        EventSet set = random_recordings(40, 6, 20, 4);
        for (std::uint32_t& label : set.labels) label = 0;
        std::vector<std::uint32_t> all(40);
        for (std::uint32_t i = 0; i < 40; ++i) all[i] = i;
        const double trained = trainer.train_batch(set, all, 0, 0, 1).mean_loss().value();
        const double tested = trainer.evaluate(set).mean_loss().value();
        return std::pair(std::log(3.0) - trained, std::log(3.0) - tested);
    };
    const auto [scaled, tested] = drives(true);
    CHECK(tested > 0);
    CHECK(scaled / tested == doctest::Approx(1).epsilon(0.05));
    const auto [unscaled, same] = drives(false);
    CHECK(same == tested);
    CHECK(unscaled / tested == doctest::Approx(0.5).epsilon(0.1));
}

TEST_CASE("scaled dropout is refused in front of neurons that sum in double precision") {
    json e = with_scale("stllr", true);
    e["network"]["populations"].push_back(
        {{"name", "slow"}, {"size", 2}, {"neuron", "iaf_psc_delta"}});
    e["network"]["projections"].push_back(
        {{"source", "hidden"}, {"target", "slow"}, {"learn", false}, {"delay_ticks", 1}});
    CHECK(problems_of(e).find("/network/projections/3: 'hidden->slow' carries spikes") !=
          std::string::npos);
}
