// What the end of a sample releases, as weights show it.
#include <doctest/doctest.h>

#include "learning/trainer.hpp"
#include "support/environment.hpp"
#include "support/experiments.hpp"

using namespace synfire;
using namespace synfire::testing;
using json = nlohmann::json;

namespace {

// One synapse, whose spike makes a neuron fire that nothing leads from: the readout's outputs are
// all 0, and the answer is class 0.
json one_rewarded_synapse() {
    json e = small_experiment();
    e["training"].erase("augmentation");
    e["network"]["populations"][1]["parameters"]["reset"] = "hard";
    e["network"]["projections"] = {{{"source", "in"},
                                    {"target", "hidden"},
                                    {"topology", "sparse"},
                                    {"synapses", {{0, 0, 50}}},
                                    {"delay_ticks", 1},
                                    {"rule", {{"name", "r_stdp"}, {"modulator", "reward"}}}},
                                   {{"source", "in"},
                                    {"target", "out"},
                                    {"weights", {{"distribution", "constant"}, {"value", 0}}},
                                    {"rule", "none"}}};
    return e;
}

// Changes of the weight by samples whose answers are right or wrong, in batches of that size.
std::vector<double> changes(const json& reward, const std::vector<bool>& right,
                            std::size_t batch = 1) {
    json e = one_rewarded_synapse();
    if (!reward.is_null()) e["training"]["reward"] = reward;
    const Experiment read = experiment(e);
    Network network(read.network, 1, trained_populations(read.network));
    Trainer trainer(network, *read.training, *read.input, 1, 2);
    EventSet set;
    set.units = 6;
    set.ticks = 20;
    for (const bool is_right : right) {
        std::vector<std::uint32_t> keys = {2 * 6};
        set.add(keys, is_right ? 0 : 1);
    }
    std::vector<double> result;
    for (std::uint32_t k = 0; k < right.size(); k += static_cast<std::uint32_t>(batch)) {
        const double before = network.projections()[0].weights.row(0)[0];
        std::vector<std::uint32_t> order;
        for (std::uint32_t i = 0; i < batch; ++i) order.push_back(k + i);
        trainer.train_batch(set, order, 0, k, right.size());
        result.push_back(network.projections()[0].weights.row(0)[0] - before);
    }
    return result;
}

}  // namespace

TEST_CASE("a right answer releases 1 and a wrong one -1, or what the training says") {
    const std::vector<bool> answers = {true, false, true};
    const std::vector<double> by_default = changes({}, answers);
    const double one = by_default[0];
    CHECK(one > 1e-4);
    CHECK(by_default[1] == doctest::Approx(-one).epsilon(1e-3));
    CHECK(by_default[2] == doctest::Approx(one).epsilon(1e-3));
    const std::vector<double> others = changes({{"right", 3}, {"wrong", 0.5}}, answers);
    CHECK(others[0] == doctest::Approx(3 * one).epsilon(1e-3));
    CHECK(others[1] == doctest::Approx(0.5 * one).epsilon(1e-3));
}

TEST_CASE("the running mean of rewards is taken off, that before the batch") {
    const std::vector<bool> answers = {true, true, false, true};
    const double one = changes({}, answers)[0];
    const double over = 4;
    double mean = 0;
    const std::vector<double> online = changes({{"mean_over", over}}, answers);
    for (std::size_t k = 0; k < answers.size(); ++k) {
        const double reward = answers[k] ? 1 : -1;
        CHECK(online[k] == doctest::Approx((reward - mean) * one).epsilon(2e-3));
        mean += (reward - mean) / over;
    }
    const std::vector<double> batches = changes({{"mean_over", over}}, answers, 2);
    CHECK(batches[0] == doctest::Approx(2 * one).epsilon(1e-3));
    const double after_two = 1 / over + (1 - 1 / over) / over;
    CHECK(batches[1] == doctest::Approx(-2 * after_two * one).epsilon(2e-3));
}

TEST_CASE("what a reward cannot be is refused") {
    json e = one_rewarded_synapse();
    e["training"]["reward"] = {{"mean_over", 0}, {"right", 1e300}};
    const std::string problems = problems_of(e);
    CHECK(problems.find("/training/reward/mean_over: 0 is out of range") != std::string::npos);
    CHECK(problems.find("/training/reward/right") != std::string::npos);
}
