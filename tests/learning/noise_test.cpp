// Random sources in a network that is trained: other numbers for each recording, epoch and seed,
// the same ones for any number of threads and whenever a recording comes again.
#include <doctest/doctest.h>

#include <set>

#include "learning/trainer.hpp"
#include "support/experiments.hpp"

using namespace synfire;
using namespace synfire::testing;
using json = nlohmann::json;

namespace {

struct Noisy {
    Experiment experiment;
    Network network;
    Trainer trainer;

    Noisy(std::uint64_t seed, unsigned threads)
        : experiment(synfire::testing::experiment(description())),
          network(experiment.network, 1, trained_populations(experiment.network)),
          trainer(network, *experiment.training, 0, seed, threads) {}

    static json description() {
        json e = small_experiment();
        e["network"]["populations"].push_back({{"name", "source"},
                                               {"size", 20},
                                               {"neuron", "poisson"},
                                               {"parameters", {{"rate_hz", 100}}}});
        // Without recurrence, and from weights of both signs: hidden neurons fire at some ticks.
        e["network"]["projections"].erase(1);
        e["network"]["projections"].push_back(
            {{"source", "source"},
             {"target", "hidden"},
             {"learn", false},
             {"weights", {{"distribution", "uniform"}, {"low", -0.3}, {"high", 0.5}}}});
        e["training"].erase("augmentation");
        // Weights stay as they are.
        e["training"]["optimiser"] = {{"type", "sgd"}, {"rate", 1e-30}};
        return e;
    }
    double trained(const EventSet& set, std::vector<std::uint32_t> recordings,
                   std::uint32_t epoch) {
        return trainer.train_batch(set, recordings, epoch, 0, 1).loss;
    }
    double tested(const EventSet& set) { return trainer.evaluate(set).loss; }
};

// Recordings without an event, all of one class.
EventSet silent(std::size_t count) {
    EventSet set;
    set.units = 6;
    set.ticks = 20;
    std::vector<std::uint32_t> nothing;
    for (std::size_t i = 0; i < count; ++i) set.add(nothing, 0);
    return set;
}

}  // namespace

TEST_CASE("noise is another one for each recording and epoch of a training, and for each seed") {
    const EventSet set = silent(2);
    Noisy one(1, 1), two(2, 1);
    std::set<double> losses;
    for (Noisy* noisy : {&one, &two})
        for (const std::uint32_t epoch : {0u, 1u})
            for (const std::uint32_t recording : {0u, 1u})
                losses.insert(noisy->trained(set, {recording}, epoch));
    CHECK(losses.size() == 8);
    for (Noisy* noisy : {&one, &two}) losses.insert(noisy->tested(silent(1)));
    CHECK(losses.size() == 10);
    // Whatever was presented in between.
    CHECK(one.trained(set, {1}, 0) == Noisy(1, 1).trained(set, {1}, 0));
}

TEST_CASE("noise of a test is another one for each recording, and the same each time") {
    Noisy noisy(1, 2);
    const double first = noisy.tested(silent(1)), both = noisy.tested(silent(2));
    CHECK(both - first != first);
    noisy.trained(silent(2), {0, 1}, 0);
    CHECK(noisy.tested(silent(2)) == both);
    CHECK(Noisy(1, 1).tested(silent(2)) == both);
}

TEST_CASE("noise does not depend on the number of threads") {
    const EventSet set = silent(20);
    std::vector<std::uint32_t> all;
    for (std::uint32_t i = 0; i < 20; ++i) all.push_back(i);
    const double loss = Noisy(1, 1).trained(set, all, 3);
    CHECK(Noisy(1, 4).trained(set, all, 3) == loss);
    CHECK(Noisy(1, 1).trained(set, all, 4) != loss);
}
