// Rules that write weights, in training: what a batch leaves of them.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "base/random.hpp"
#include "engine/simulation.hpp"
#include "learning/trainer.hpp"
#include "support/environment.hpp"
#include "support/experiments.hpp"

namespace plastic_training {

using namespace synfire;
using namespace synfire::testing;
using json = nlohmann::json;

namespace {

constexpr std::uint32_t ticks = 20;

// Sources of a list fire until the last tick; some of the neurons that learn from them fire at any
// input, others when the sources drive them.
json learning(const json& projection) {
    json e = small_experiment();
    e["training"].erase("augmentation");
    json events = json::array();
    Random random(7, Stream::scene, 0, 0);
    for (std::uint32_t t = 0; t < ticks; ++t)
        for (std::uint32_t j = 0; j < 8; ++j)
            if (random.uniform() < 0.3f) events.push_back({t, j});
    json learns = {{"source", "pre"}, {"target", "map"}};
    learns.update(projection);
    e["network"]["populations"] = {
        {{"name", "in"}, {"size", 6}, {"neuron", "input"}},
        {{"name", "pre"}, {"shape", {2, 2, 2}}, {"neuron", "spike_source"}, {"events", events}},
        {{"name", "map"},
         {"shape", {3, 2, 2}},
         {"neuron", "lif"},
         {"parameters", {{"threshold", 0.2}}}},
        {{"name", "out"}, {"size", 3}, {"neuron", "leaky_readout"}}};
    e["network"]["projections"] = {learns, {{"source", "in"}, {"target", "out"}, {"rule", "none"}}};
    return e;
}

struct Trained {
    Experiment read;
    Network network;
    Matrix before;

    Trained(const json& e, std::uint32_t batch, std::uint32_t batches)
        : read(experiment(e)), network(read.network, 1, trained_populations(read.network)) {
        before = network.projections()[0].weights;
        Trainer trainer(network, *read.training, *read.input, 1, 2);
        EventSet set = random_recordings(batch, 6, ticks, 3);
        std::vector<std::uint32_t> order(batch);
        for (std::uint32_t i = 0; i < batch; ++i) order[i] = i;
        for (std::uint32_t b = 0; b < batches; ++b) trainer.train_batch(set, order, 0, b, batches);
    }
    const Matrix& after() const { return network.projections()[0].weights; }
};

const json topologies[] = {
    {{"topology", "dense"}},
    {{"topology", "sparse"}, {"probability", 0.6}},
    {{"topology", "conv2d"}, {"kernel", 3}, {"padding", 1}},
    {{"topology", "dense"}, {"standardise", true}},
};

}  // namespace

TEST_CASE("no weight of a rule that keeps signs passes 0, however many changes are added up") {
    for (const char* rule : {"stdp", "stdp_triplet"})
        for (json projection : topologies) {
            CAPTURE(projection.dump());
            CAPTURE(rule);
            json parameters = {{"w_max", 1}};
            if (rule == std::string("stdp"))
                parameters.update({{"lambda", 0.5}, {"alpha", 3}});
            else
                parameters.update({{"Aminus", 0.5}, {"Aplus", 0.1}});
            projection.update({{"weights", {{"distribution", "uniform"}, {"low", -1}, {"high", 1}}},
                               {"rule", {{"name", rule}, {"parameters", parameters}}}});
            const Trained trained(learning(projection), 8, 3);
            std::size_t zeros = 0;
            for (std::uint32_t r = 0; r < trained.before.rows; ++r)
                for (std::uint32_t c = 0; c < trained.before.columns; ++c) {
                    const float w = trained.after().row(r)[c];
                    CHECK(std::signbit(w) == std::signbit(trained.before.row(r)[c]));
                    CHECK(std::fabs(w) <= 1);
                    zeros += w == 0;
                }
            CHECK(zeros > 0);  // some would have passed it
        }
}

TEST_CASE("a sample by itself leaves the weights that a run leaves, whatever is under way") {
    for (const std::uint32_t delay : {0u, 1u, 6u}) {
        CAPTURE(delay);
        const json e = learning({{"delay_ticks", delay},
                                 {"weights", {{"distribution", "constant"}, {"value", 0.5}}},
                                 {"rule", {{"name", "stdp"}, {"parameters", {{"w_max", 1}}}}}});
        const Trained trained(e, 1, 1);
        const Network ran(trained.read.network, 1);
        Simulation simulation(ran, 1, 1);
        CHECK(simulation.run(nullptr, ticks, {}) == ticks);
        const std::vector<float> weights = simulation.plastic_weights(0);
        std::vector<float> learned;
        for (std::uint32_t r = 0; r < trained.after().rows; ++r)
            learned.insert(learned.end(), trained.after().values(r).begin(),
                           trained.after().values(r).end());
        CHECK(weights != std::vector<float>(weights.size(), 0.5f));
        CHECK(weights == learned);
    }
}

TEST_CASE("weights that lead to a neuron reach their sum within the range, on every topology") {
    for (json projection : topologies) {
        CAPTURE(projection.dump());
        projection.update(
            {{"weights", {{"distribution", "uniform"}, {"low", 0.05}, {"high", 0.4}}},
             {"rule",
              {{"name", "stdp"},
               {"parameters",
                {{"w_max", 0.4}, {"weight_sum", 0.39}, {"lambda", 0.3}, {"alpha", 0.05}}}}}});
        const Trained trained(learning(projection), 2, 2);
        const Projection& p = trained.network.projections()[0];
        std::vector<double> sums(p.topology->lists_synapses() ? p.topology->post_count()
                                                              : p.weights.columns);
        std::vector<bool> changed(sums.size());
        auto add = [&](std::size_t group, std::uint32_t row, std::uint32_t column) {
            const double w = p.weights.row(row)[column];
            CHECK(w <= 0.4f);
            sums[group] += w;
            if (p.weights.row(row)[column] != trained.before.row(row)[column])
                changed[group] = true;
        };
        if (p.topology->lists_synapses())
            for (std::uint32_t j = 0; j < p.topology->pre_count(); ++j)
                p.topology->for_each_synapse(
                    j, [&](std::uint32_t target, std::uint32_t row, std::uint32_t column) {
                        add(target, row, column);
                    });
        else
            for (std::uint32_t r = 0; r < p.weights.rows; ++r)
                for (std::uint32_t c = 0; c < p.weights.columns; ++c) add(c, r, c);
        for (std::size_t g = 0; g < sums.size(); ++g)
            if (changed[g]) CHECK(sums[g] == doctest::Approx(0.39).epsilon(1e-5));
        CHECK(std::ranges::count(changed, true) >= 2);
    }
}

TEST_CASE("a sum that the weights onto a neuron cannot reach is refused") {
    json projection = topologies[0];
    projection.update(
        {{"weights", {{"distribution", "constant"}, {"value", 0.1}}},
         {"rule", {{"name", "stdp"}, {"parameters", {{"w_max", 0.5}, {"weight_sum", 4.1}}}}}});
    CHECK_THROWS_WITH(Trained(learning(projection), 1, 1),
                      doctest::Contains("8 lead to a neuron, of a size of at most 0.5 each; at "
                                        "most 4 is allowed."));
}

}  // namespace plastic_training
