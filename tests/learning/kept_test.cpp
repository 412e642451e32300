// Variables that survive from sample to sample (SYNFIRE_VARIABLE_KEPT).
#include <doctest/doctest.h>

#include <algorithm>

#include "learning/trainer.hpp"
#include "support/environment.hpp"
#include "support/experiments.hpp"

using namespace synfire;
using namespace synfire::testing;
using json = nlohmann::json;

TEST_CASE("a homeostatic threshold goes on from sample to sample, and a test leaves it") {
    json e = small_experiment();
    e["network"]["populations"][1] = {
        {"name", "hidden"}, {"size", 8}, {"neuron", "lif_homeostatic"}};
    e["network"]["projections"] = {{{"source", "in"},
                                    {"target", "hidden"},
                                    {"learn", false},
                                    {"weights", {{"distribution", "constant"}, {"value", 20}}}},
                                   {{"source", "hidden"}, {"target", "out"}}};
    const Experiment read = experiment(e);
    Network network(read.network, 1, trained_populations(read.network));
    Trainer trainer(network, *read.training, *read.input, 1, 2);
    const EventSet set = random_recordings(3, 6, 20, 1);
    const Population& hidden = network.populations()[1];
    REQUIRE(hidden.kept.rows == 1);
    const Matrix begin = hidden.kept;
    auto train = [&](std::vector<std::uint32_t> order, std::uint32_t step) {
        trainer.train_batch(set, order, 0, step, 2);
        return hidden.kept;
    };
    const Matrix once = train({0}, 0), twice = train({0}, 1);
    bool rose = false;
    for (std::uint32_t i = 0; i < 8; ++i) {
        rose = rose || once.row(0)[i] > begin.row(0)[i];
        CHECK(twice.row(0)[i] >= once.row(0)[i]);
    }
    CHECK(rose);
    trainer.evaluate(set);
    CHECK(std::ranges::equal(hidden.kept.data, twice.data));
    const auto saved = network.parameters();
    CHECK(std::ranges::any_of(saved,
                              [](const Parameter& p) { return p.name == "hidden kept state"; }));
}
