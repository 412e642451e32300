// Short-term plasticity ("release"): beside any rule, for any number of parts, anew for each
// sample; and what it cannot stand at.
#include <doctest/doctest.h>

#include <cmath>

#include "engine/simulation.hpp"
#include "support/environment.hpp"
#include "support/experiments.hpp"

using namespace synfire;
using namespace synfire::testing;
using json = nlohmann::json;

namespace {

const json depressing = {{"name", "tsodyks_markram"},
                         {"parameters", {{"U", 0.4}, {"tau_rec", 200}}}};

// What depressing makes of spikes at ticks of dt_ms.
std::vector<double> parts_of(std::vector<int> ticks, double dt_ms) {
    std::vector<double> parts;
    double x = 1;
    for (std::size_t k = 0; k < ticks.size(); ++k) {
        if (k > 0) x = 1 + (x - x * 0.4 - 1) * std::exp(-(ticks[k] - ticks[k - 1]) * dt_ms / 200);
        parts.push_back(0.4 * x);
    }
    return parts;
}

json released_cells(const char* name, std::uint32_t size) {
    return {{"name", name},
            {"size", size},
            {"neuron", "iaf_psc_delta"},
            {"parameters",
             {{"C_m", 1}, {"tau_m", 20}, {"t_ref", 2}, {"E_L", 0}, {"V_reset", 0}, {"V_th", 20}}}};
}

// A source that drives 1,100 neurons (three parts), which reach each other.
json recurrent() {
    auto joined = [](const char* source, json more) {
        json p = {{"source", source},
                  {"target", "cells"},
                  {"topology", "sparse"},
                  {"delay_ticks", 15},
                  {"release", depressing}};
        p.update(more);
        return p;
    };
    return {
        {"dt_ms", 0.1},
        {"populations",
         {{{"name", "source"},
           {"size", 300},
           {"neuron", "poisson"},
           {"parameters", {{"rate_hz", 60}}}},
          released_cells("cells", 1100)}},
        {"projections",
         {joined("cells", {{"probability", 0.02},
                           {"weights", {{"distribution", "uniform"}, {"low", 0.5}, {"high", 1.5}}},
                           {"rule", {{"name", "stdp"}, {"parameters", {{"w_max", 2}}}}}}),
          joined("cells", {{"name", "many"},
                           {"in_degree", 100},
                           {"weights", {{"distribution", "constant"}, {"value", -0.1}}}}),
          joined("source", {{"out_degree", 60},
                            {"weights", {{"distribution", "constant"}, {"value", 9}}}})}}};
}

using Raster = std::vector<std::tuple<std::int64_t, std::uint32_t, std::uint32_t>>;

struct Released {
    Raster raster;
    std::vector<float> weights;
    std::size_t parts;
};

Released run_released(const json& description, unsigned threads, std::int64_t ticks) {
    const Network net(network(description), 3);
    Simulation simulation(net, 5, threads);
    Released outcome;
    SimulationHooks hooks;
    hooks.visited = [&](const Simulation& s, std::int64_t tick) {
        for (std::uint32_t p = 0; p < net.populations().size(); ++p)
            for (const std::uint32_t i : s.spikes(p)) outcome.raster.emplace_back(tick, p, i);
    };
    CHECK(simulation.run(nullptr, ticks, hooks) == ticks);
    outcome.weights = simulation.plastic_weights(0);
    outcome.parts = simulation.parts();
    return outcome;
}

}  // namespace

TEST_CASE("releases and rules together are the same for any number of parts, lazily and swept") {
    json n = recurrent();
    const Released one = run_released(n, 1, 1500);
    CHECK(one.raster.size() > 3000);
    for (const unsigned threads : {2u, 4u}) {
        const Released many = run_released(n, threads, 1500);
        CHECK(many.parts > 1);
        CHECK(many.raster == one.raster);
        CHECK(many.weights == one.weights);
    }
    for (const char* integration : {"event", "tick"}) {
        n["populations"][1]["integration"] = integration;
        CHECK(run_released(n, 1, 1500).raster == one.raster);
    }
    for (json& p : n["projections"]) p["release"] = "none";
    CHECK(run_released(n, 1, 1500).raster != one.raster);
}

TEST_CASE("a spike delivers its part of the weight that a rule has made of it") {
    // The source's spikes strengthen nothing and weaken what is left by a tenth, once the target
    // has fired just before; read from the potential of a cell that forgets within a tick.
    json cell = released_cells("cell", 1);
    cell["parameters"]["tau_m"] = 1e-3;
    cell["parameters"]["t_ref"] = 0;
    cell["parameters"]["V_th"] = 1e6;
    const std::vector<int> ticks = {3, 5, 40};
    json events = json::array(), driven = json::array();
    for (const int t : ticks) events.push_back({t, 0});
    driven.push_back({0, 0});
    auto source = [](const char* name, json list) {
        return json{{"name", name}, {"size", 1}, {"neuron", "spike_source"}, {"events", list}};
    };
    const json n = {{"populations", {source("pre", events), source("driver", driven), cell}},
                    {"projections",
                     {{{"source", "pre"},
                       {"target", "cell"},
                       {"delay_ticks", 1},
                       {"weights", {{"distribution", "constant"}, {"value", 50}}},
                       {"rule",
                        {{"name", "stdp"},
                         {"parameters", {{"alpha", 10}, {"tau_minus", 1e6}, {"tau_plus", 1e-3}}}}},
                       {"release", depressing}},
                      {{"source", "driver"},
                       {"target", "cell"},
                       {"delay_ticks", 1},
                       {"weights", {{"distribution", "constant"}, {"value", 1e9}}}}}}};
    const Network net(network(n), 1);
    Engine engine(net);
    const std::vector<double> parts = parts_of(ticks, 1.0);
    for (int sample = 0; sample < 2; ++sample) {
        engine.reset();
        std::vector<double> v;
        for (std::int64_t tick = 0; tick < 50; ++tick) {
            engine.step(tick, {});
            engine.read(2, 0, v);
            for (std::size_t k = 0; k < ticks.size(); ++k)
                if (tick == ticks[k] + 1)  // each weakens by alpha lambda w_max, from 50
                    CHECK(v[0] ==
                          doctest::Approx(parts[k] * (50 - 10.0 * static_cast<double>(k + 1)))
                              .epsilon(1e-4));
        }
    }
}

TEST_CASE("releases scale what reaches neurons in single precision, anew for each sample") {
    // Two events of one unit onto a readout that forgets, in a network that is trained.
    json e = small_experiment();
    e["network"]["populations"][2]["parameters"] = {{"leak", -20}};
    e["network"]["projections"].push_back(
        {{"name", "direct"},
         {"source", "in"},
         {"target", "out"},
         {"learn", false},
         {"weights", {{"distribution", "constant"}, {"value", 3}}},
         {"release", depressing}});
    e["network"]["projections"][0]["bias"] = false;
    e["network"]["projections"][2]["bias"] = false;
    const Experiment read = experiment(e);
    const Network net(read.network, 1, trained_populations(read.network));
    Engine engine(net);
    const std::vector<int> ticks = {2, 9};
    const std::vector<double> parts = parts_of(ticks, 1.0);
    for (int sample = 0; sample < 2; ++sample) {
        engine.reset();
        for (std::int64_t tick = 0; tick < 10; ++tick) {
            const bool now = tick == 2 || tick == 9;
            const std::vector<std::uint32_t> spikes(now ? 1 : 0, 4u);
            const InputSpikes input{0, spikes};
            engine.step(tick, {&input, 1});
            REQUIRE(engine.spikes(1).empty());
            if (now)
                CHECK(engine.output(2)[0] == doctest::Approx(3 * parts[tick == 9]).epsilon(1e-6));
        }
    }
}

TEST_CASE("what a release cannot stand at is refused, with what could be") {
    json e = small_experiment();
    auto at = [&](std::size_t projection, const json& release) {
        json changed = e;
        changed["network"]["projections"][projection]["release"] = release;
        return problems_of(changed);
    };
    CHECK(at(0, "none") == "");
    CHECK(at(0, depressing).find("'in->hidden' cannot learn by 'stllr': its \"release\" scales") !=
          std::string::npos);
    CHECK(at(0, "tsodyks").find("'tsodyks' is unknown") != std::string::npos);
    CHECK(at(0, {{"name", "tsodyks_markram"}, {"parameters", {{"U", 1.5}}}}) != "");
    // One that does not learn is free, unless signals for what does go back through it.
    e["network"]["projections"][2]["learn"] = false;
    CHECK(at(2, "tsodyks_markram").find("go back through 'hidden->out'") != std::string::npos);
    e["training"]["feedback"] = "dfa";
    CHECK(at(2, "tsodyks_markram") == "");
    e["training"]["feedback"] = "bp";
    e["network"]["projections"][2]["learn"] = true;
    e["network"]["projections"][0]["learn"] = false;
    CHECK(at(0, "tsodyks_markram") == "");
    // Poolings have no weights.
    e["network"]["populations"][0]["shape"] = {1, 2, 3};
    e["network"]["populations"].push_back(
        {{"name", "pool"}, {"shape", {1, 1, 1}}, {"neuron", "relay"}});
    e["network"]["projections"].push_back({{"source", "in"},
                                           {"target", "pool"},
                                           {"topology", "max_pool"},
                                           {"size", 2},
                                           {"remainder", "drop"}});
    CHECK(at(3, "tsodyks_markram").find("'in->pool' pools: it has no weights") !=
          std::string::npos);
}
