// Networks of double-precision neurons: the same spikes for any number of parts, lazily and swept,
// through every form that synapses are kept in; noise, sources and plasticity.
#include <doctest/doctest.h>

#include <cmath>

#include "engine/simulation.hpp"
#include "support/experiments.hpp"

using namespace synfire;
using namespace synfire::testing;
using json = nlohmann::json;

namespace {

using Raster = std::vector<std::tuple<std::int64_t, std::uint32_t, std::uint32_t>>;

struct Outcome {
    Raster raster;
    Counters counters;
    std::vector<float> plastic;  // weights of projection 0, by part
    std::size_t parts;
};

Outcome run(const json& description, unsigned threads, std::int64_t ticks,
            const InputStream* input = nullptr) {
    const Network net(network(description), 3);
    Simulation simulation(net, 5, threads);
    Outcome outcome;
    SimulationHooks hooks;
    hooks.visited = [&](const Simulation& s, std::int64_t tick) {
        for (std::uint32_t p = 0; p < net.populations().size(); ++p)
            for (const std::uint32_t i : s.spikes(p)) outcome.raster.emplace_back(tick, p, i);
    };
    CHECK(simulation.run(input, ticks, hooks) == ticks);
    outcome.counters = simulation.counters();
    outcome.parts = simulation.parts();
    if (!net.projections().empty())
        simulation.for_each_plastic_weight(0, [&](float w) { outcome.plastic.push_back(w); });
    return outcome;
}

json cells(const char* name, std::uint32_t size, bool noise) {
    json p = {
        {"name", name},
        {"size", size},
        {"neuron", "iaf_psc_delta"},
        {"parameters",
         {{"C_m", 1}, {"tau_m", 20}, {"t_ref", 2}, {"E_L", 0}, {"V_reset", 0}, {"V_th", 20}}}};
    if (noise) p["noise"] = {{"rate_hz", 20000}, {"weight", 0.11}};
    return p;
}

json joined(const char* source, const char* target, json how, double weight) {
    json p = {{"source", source},
              {"target", target},
              {"topology", "sparse"},
              {"delay_ticks", 15},
              {"weights", {{"distribution", "constant"}, {"value", weight}}}};
    p.update(how);
    return p;
}

// 1,500 + 400 neurons; rows of bits where many pairs are joined, lists elsewhere.
json balanced() {
    return {
        {"dt_ms", 0.1},
        {"populations", {cells("E", 1500, true), cells("I", 400, true)}},
        {"projections",
         {joined("E", "E", {{"in_degree", 150}}, 0.2),
          joined("E", "I", {{"probability", 0.02}}, 0.4),
          joined("I", "E", {{"out_degree", 150}}, -1.0),
          joined("I", "I", {{"in_degree", 40}, {"multapses", false}, {"autapses", false}}, -0.8)}}};
}

}  // namespace

TEST_CASE("spikes are the same for any number of parts") {
    const Outcome one = run(balanced(), 1, 2000);
    CHECK(one.parts == 1);
    CHECK(one.raster.size() > 1900 * 0.2 * 5);  // above 5 Hz
    for (const unsigned threads : {2u, 3u, 4u}) {
        const Outcome many = run(balanced(), threads, 2000);
        CHECK(many.parts == std::min(threads, 3u));  // 1,500 neurons are three blocks
        CHECK(many.raster == one.raster);
        CHECK(many.counters.synaptic_events == one.counters.synaptic_events);
        CHECK(many.counters.noise_events == one.counters.noise_events);
        CHECK(many.counters.ticks_visited == one.counters.ticks_visited);
    }
}

TEST_CASE("rows of bits and lists of synapses bring the same") {
    // Weights that differ in nothing but their form: uniform between equal bounds is kept one by
    // one.
    json lists = balanced();
    for (json& p : lists["projections"]) {
        const double w = p["weights"]["value"];
        p["weights"] = {{"distribution", "uniform"}, {"low", w}, {"high", w}};
    }
    json exact = balanced();  // weights that single precision has exactly
    for (json* n : {&lists, &exact})
        for (json& p : (*n)["projections"]) {
            json& w = p["weights"];
            for (const char* key : {"value", "low", "high"})
                if (w.contains(key)) w[key] = w[key] < 0 ? -0.75 : 0.25;
        }
    const Outcome a = run(exact, 1, 1000), b = run(lists, 1, 1000);
    CHECK(a.counters.synaptic_events == b.counters.synaptic_events);
    CHECK(a.raster == b.raster);
    CHECK(!a.raster.empty());
}

TEST_CASE("lazy and swept neurons fire at the same ticks") {
    json few = joined("cells", "cells", {{"out_degree", 20}}, 1.5);
    json many = joined("cells", "cells", {{"out_degree", 97}}, 0);  // rows of several pieces
    many["weights"] = {{"distribution", "uniform"}, {"low", 0.0}, {"high", 0.75}};
    for (const json& recurrent : {few, many}) {
        json n = {
            {"dt_ms", 0.1},
            {"populations",
             {{{"name", "source"},
               {"size", 300},
               {"neuron", "poisson"},
               {"parameters", {{"rate_hz", 5}}}},
              cells("cells", 2000, false)}},
            {"projections", {joined("source", "cells", {{"out_degree", 20}}, 15.0), recurrent}}};
        for (const unsigned threads : {1u, 2u}) {
            n["populations"][1]["integration"] = "event";
            const Outcome lazy = run(n, threads, 3000);
            n["populations"][1]["integration"] = "tick";
            const Outcome swept = run(n, threads, 3000);
            CHECK(lazy.raster == swept.raster);
            CHECK(lazy.raster.size() > 500);
            CHECK(lazy.counters.neuron_updates < swept.counters.neuron_updates / 4);
        }
    }
}

TEST_CASE("a silent network's ticks are skipped, whatever its size and the number of parts") {
    for (const std::uint32_t size : {2000u, 4000u})
        for (const unsigned threads : {1u, 2u}) {
            const json n = {{"populations", {cells("cells", size, false)}},
                            {"projections", {joined("cells", "cells", {{"out_degree", 20}}, 1.5)}}};
            const Outcome outcome = run(n, threads, 100000);
            CHECK(outcome.counters.ticks_visited == 0);
            CHECK(outcome.counters.ticks_skipped == 100000);
        }
}

TEST_CASE("plastic weights are the same for any number of parts, and stay in their bounds") {
    json n = balanced();
    n["projections"][0]["plasticity"] = {
        {"rule", "stdp"}, {"parameters", {{"lambda", 0.01}, {"alpha", 1.05}, {"w_max", 0.4}}}};
    const Outcome one = run(n, 1, 2000), two = run(n, 2, 2000);
    CHECK(one.raster == two.raster);
    REQUIRE(one.plastic.size() == 1500 * 150);
    REQUIRE(two.plastic.size() == one.plastic.size());
    double sum = 0, sum_of_parts = 0, squares = 0;
    for (std::size_t k = 0; k < one.plastic.size(); ++k) {
        CHECK_FALSE((one.plastic[k] < 0 || one.plastic[k] > 0.4f));
        sum += one.plastic[k];
        squares += (one.plastic[k] - 0.2) * (one.plastic[k] - 0.2);
        sum_of_parts += two.plastic[k];
    }
    CHECK(sum == doctest::Approx(sum_of_parts));
    CHECK(squares > 0.01);
}

TEST_CASE("noise has the mean and the variance of a Poisson process, whatever the part") {
    for (const double events : {0.002, 0.05, 2.0, 30.0}) {
        CAPTURE(events);
        const Noise noise(events, 0.5);
        double sum = 0, squares = 0;
        constexpr int count = 1000, ticks = 200;
        std::vector<double> input(count), part(count);
        for (int t = 0; t < ticks; ++t) {
            const std::uint64_t total = noise.draw(7, t, 0, count, input.data());
            double all = 0;
            for (const double v : input) {
                all += v / 0.5;
                sum += v / 0.5;
                squares += v / 0.5 * v / 0.5;
            }
            CHECK(static_cast<double>(total) == all);
            noise.draw(7, t, 512, count - 512, part.data());
            CHECK(std::equal(input.begin() + 512, input.end(), part.begin()));
        }
        const double n = count * ticks, mean = sum / n, variance = squares / n - mean * mean;
        const double error = std::sqrt(events / n);
        CHECK(std::fabs(mean - events) < 5 * error);
        CHECK(std::fabs(variance - events) < 5 * error * std::sqrt(1 + 2 * events));
    }
}

TEST_CASE("noise has the mean that is asked for, however rare its events") {
    CHECK(Noise(0, 1).mean() == 0);
    for (const double events :
         {1e-12, 0x1p-33, 1e-9, 1e-7, 1e-5, 1e-3, 0.0039, 0.004, 0.1, 2.0, 20.0, 64.0}) {
        CAPTURE(events);
        CHECK(std::fabs(Noise(events, 1).mean() - events) <= 1e-6 * events);
    }
}

TEST_CASE("poisson sources fire at their rate up to one spike a tick, each by itself") {
    for (const double rate : {1.0, 50.0, 500.0, 1000.0}) {
        CAPTURE(rate);
        const json n = {{"dt_ms", 1.0},
                        {"populations",
                         {{{"name", "s"},
                           {"size", 1000},
                           {"neuron", "poisson"},
                           {"parameters", {{"rate_hz", rate}}}}}}};
        const Outcome outcome = run(n, 1, 1000);
        const double chance = rate / 1000, expected = 1e6 * chance;
        CHECK(std::fabs(static_cast<double>(outcome.raster.size()) - expected) <=
              5 * std::sqrt(expected * (1 - chance)));
        CHECK(run(n, 2, 1000).raster == outcome.raster);
    }
}

TEST_CASE("weights of both signs are refused where the neuron tells them apart") {
    json n = {{"populations",
               {{{"name", "in"}, {"size", 5}, {"neuron", "input"}},
                {{"name", "cells"}, {"size", 4}, {"neuron", "iaf_psc_exp"}}}},
              {"projections",
               {{{"source", "in"},
                 {"target", "cells"},
                 {"delay_ticks", 1},
                 {"weights", {{"distribution", "uniform"}, {"low", -1}, {"high", 1}}}}}}};
    const NetworkDescription description = network(n);
    CHECK_THROWS_WITH_AS(Network(description, 1),
                         doctest::Contains("'in->cells' has weights of both signs"), InputError);
}
