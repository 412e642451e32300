// A rule that leaves synapses alone until their targets fire is shown the others only, where few
// have fired: weights are then the same, bit for bit, as where it is shown all.
#include <doctest/doctest.h>

#include <bit>

#include "base/random.hpp"
#include "engine/engine.hpp"
#include "support/experiments.hpp"

using namespace synfire;
using namespace synfire::testing;
using json = nlohmann::json;

namespace {

constexpr std::uint32_t sources = 30, idle_targets = 40, ticks_run = 120;

// Dense, or the same synapses in the same order one by one, of which a rule is always shown all.
json plastic_network(bool listed, const json& parameters) {
    json projection = {{"source", "in"},
                       {"target", "cells"},
                       {"weights", {{"distribution", "uniform"}, {"low", -0.2}, {"high", 1}}},
                       {"rule", {{"name", "stdp"}, {"parameters", parameters}}}};
    if (listed) {
        projection["topology"] = "sparse";
        for (std::uint32_t j = 0; j < sources; ++j)
            for (std::uint32_t i = 0; i < idle_targets; ++i)
                projection["synapses"].push_back({j, i});
    }
    return {{"populations",
             {{{"name", "in"}, {"size", sources}, {"neuron", "input"}},
              {{"name", "cells"},
               {"size", idle_targets},
               {"neuron", "lif_homeostatic"},
               {"parameters", {{"tau_m", 20}, {"V_th", -20}, {"theta_plus", 0.1}}}}}},
            {"projections", {projection}}};
}

struct Learned {
    std::vector<std::uint32_t> weights;  // bits
    std::vector<bool> fired = std::vector<bool>(idle_targets);
};

Learned learned(bool listed, const json& parameters) {
    const Network net(network(plastic_network(listed, parameters)), 3);
    Engine engine(net);
    Learned result;
    for (std::uint32_t t = 0; t < ticks_run; ++t) {
        std::vector<std::uint32_t> spikes;
        Random random(5, Stream::scene, t, 0);
        for (std::uint32_t j = 0; j < sources; ++j)
            if (random.uniform() < 0.15f) spikes.push_back(j);
        const InputSpikes input{0, spikes};
        engine.step(t, {&input, 1});
        for (const std::uint32_t i : engine.spikes(1)) result.fired[i] = true;
    }
    std::vector<float> weights;
    for (std::uint32_t j = 0; j < sources; ++j)
        engine.plastic(0)->read_row(j, ticks_run, {}, weights);
    for (const float w : weights) result.weights.push_back(std::bit_cast<std::uint32_t>(w));
    return result;
}

}  // namespace

TEST_CASE("weights are the same bits where a rule sees the synapses of targets that fired alone") {
    for (const json& parameters :
         {json{{"w_max", 2}, {"lambda", 0.05}}, json{{"w_max", 2}, {"lambda", 0.05}, {"alpha", 0}},
          json{{"w_max", -2}, {"lambda", 0.05}, {"mu_plus", 1}, {"mu_minus", 1}},
          json{{"dependence", "power_law"}, {"lambda", 0.05}, {"mu_plus", 0.4}}}) {
        CAPTURE(parameters.dump());
        const Learned few = learned(false, parameters), all = learned(true, parameters);
        const auto fired = std::ranges::count(few.fired, true);
        CHECK(fired > 2);
        CHECK(fired <= idle_targets / 2);
        CHECK(few.fired == all.fired);
        CHECK(few.weights == all.weights);
    }
}
