// Lanes summed in their order, whoever finishes when.
#include "learning/gradient_sum.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <numeric>

#include "network/network.hpp"
#include "support/experiments.hpp"

using namespace synfire;
using json = nlohmann::json;

namespace {

constexpr std::size_t lanes = 6;

json two_layers() {
    json e = testing::small_experiment();
    e["network"] = json::parse(R"({
        "populations": [
            {"name": "in", "size": 6, "neuron": "input"},
            {"name": "a", "size": 3, "neuron": "lif"},
            {"name": "out", "size": 2, "neuron": "leaky_readout"}],
        "projections": [
            {"source": "in", "target": "a", "bias": true},
            {"source": "a", "target": "out", "learn": false}]})");
    return e;
}

Network trained_network() {
    const Experiment e = testing::experiment(two_layers());
    return Network(e.network, 1, trained_populations(e.network));
}

// Values whose sum depends on the order of additions.
void fill(GradientArrays& gradients, std::size_t lane) {
    for (std::size_t i = 0; i < gradients[0].weights.data.size(); ++i)
        gradients[0].weights.data[i] = (lane % 2 ? 1e7f : 0.37f) * static_cast<float>(i + lane);
    gradients[0].bias.data[0] = static_cast<float>(lane);
}

}  // namespace

TEST_CASE("the sum of lanes has the same bits in whatever order they finish") {
    const Network network = trained_network();
    GradientArrays in_order = make_gradients(network);
    CHECK(in_order[0].weights.rows == 6);
    CHECK(in_order[0].bias.columns == 3);
    CHECK(in_order[1].weights.rows == 0);  // does not learn
    fill(in_order, 0);
    for (std::size_t lane = 1; lane < lanes; ++lane) {
        GradientArrays one = make_gradients(network);
        fill(one, lane);
        add(in_order, one);
    }
    GradientSum sum(network);
    std::vector<std::size_t> order(lanes);
    std::iota(order.begin(), order.end(), 0u);
    int orders = 0;
    do {
        GradientArrays at_hand = make_gradients(network);
        sum.begin();
        for (const std::size_t lane : order) {
            fill(at_hand, lane);
            sum.finish(lane, at_hand);
        }
        REQUIRE(sum.total()[0].weights.data == in_order[0].weights.data);
        REQUIRE(sum.total()[0].bias.data == in_order[0].bias.data);
        ++orders;
    } while (std::ranges::next_permutation(order).found);
    CHECK(orders == 720);
}

TEST_CASE("a lane that was put aside is summed once it has gone on and finished") {
    const Network network = trained_network();
    GradientSum sum(network);
    GradientArrays first = make_gradients(network), second = make_gradients(network);
    auto bias = [](GradientArrays& gradients) -> float& { return gradients[0].bias.data[0]; };
    sum.begin();
    for (const std::size_t lane : {0u, 1u, 2u}) {
        bias(first) = static_cast<float>(lane + 1);
        sum.suspend(lane, first);
    }
    sum.resume(1, second);
    CHECK(bias(second) == 2);
    bias(second) += 20;
    sum.finish(1, second);
    sum.resume(0, first);
    CHECK(bias(first) == 1);
    sum.finish(0, first);  // lane 2 is aside still
    CHECK(bias(sum.total()) == 23);
    sum.resume(2, first);
    CHECK(bias(first) == 3);
    sum.finish(2, first);
    CHECK(bias(sum.total()) == 26);
}
