// Parameters and initial values that differ from neuron to neuron.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <cmath>
#include <fstream>
#include <numeric>

#include "engine/simulation.hpp"
#include "experiment/neuron_values.hpp"
#include "experiment/number_file.hpp"
#include "json/form.hpp"
#include "learning/trainer.hpp"
#include "network/network.hpp"
#include "support/environment.hpp"
#include "support/experiments.hpp"

using namespace synfire;
using json = nlohmann::json;

namespace {

std::vector<double> drawn(json distribution, std::uint32_t count) {
    Problems problems;
    check_and_complete(*neuron_values_form(), distribution, "", problems);
    REQUIRE(problems.empty());
    const auto values = read_neuron_values(distribution, 0, count, false, "", problems);
    REQUIRE(problems.empty());
    return values->values(count, Random(7, Stream::parameters, 0, 0));
}

struct Moments {
    double mean, deviation, least, most;
};
Moments moments(const std::vector<double>& values) {
    const double n = static_cast<double>(values.size());
    const double mean = std::accumulate(values.begin(), values.end(), 0.0) / n;
    double squares = 0;
    for (const double v : values) squares += (v - mean) * (v - mean);
    return {mean, std::sqrt(squares / n), *std::ranges::min_element(values),
            *std::ranges::max_element(values)};
}

// A network of one population; what is given is added to the population.
json cells(const json& more, std::uint32_t size = 3) {
    json population = {{"name", "cells"}, {"size", size}, {"neuron", "iaf_psc_delta"}};
    population.update(more);
    return {{"populations", {population}}, {"projections", json::array()}};
}

std::string problems_with(const json& more, std::uint32_t size = 3) {
    return synfire::testing::problems_of({{"network", cells(more, size)}});
}

bool mentions(const std::string& text, const std::string& part) {
    CAPTURE(text);
    const bool there = text.find(part) != std::string::npos;
    CHECK(there);
    return there;
}

}  // namespace

TEST_CASE("distributions have their moments and keep their bounds") {
    constexpr std::uint32_t n = 40000;
    const auto normal = moments(drawn({{"distribution", "normal"}, {"mean", -58}, {"std", 10}}, n));
    CHECK(normal.mean == doctest::Approx(-58).epsilon(0.003));
    CHECK(normal.deviation == doctest::Approx(10).epsilon(0.02));
    // A half normal: mean sqrt(2 / pi), variance 1 - 2 / pi.
    const auto half =
        moments(drawn({{"distribution", "normal"}, {"mean", 0}, {"std", 1}, {"min", 0}}, n));
    CHECK(half.least >= 0);
    CHECK(half.mean == doctest::Approx(0.79788).epsilon(0.015));
    CHECK(half.deviation == doctest::Approx(0.60281).epsilon(0.02));
    // exp(mu + sigma^2 / 2)
    const auto log = moments(drawn({{"distribution", "lognormal"}, {"mu", 1}, {"sigma", 0.5}}, n));
    CHECK(log.mean == doctest::Approx(std::exp(1.125)).epsilon(0.02));
    const auto uniform =
        moments(drawn({{"distribution", "uniform"}, {"low", -1}, {"high", 3}, {"max", 2}}, n));
    CHECK(uniform.mean == doctest::Approx(0.5).epsilon(0.03));
    CHECK(uniform.most <= 2);
    CHECK(uniform.least >= -1);
    const auto exponential = moments(drawn({{"distribution", "exponential"}, {"mean", 4}}, n));
    CHECK(exponential.mean == doctest::Approx(4).epsilon(0.03));
    CHECK(exponential.deviation == doctest::Approx(4).epsilon(0.04));
}

TEST_CASE("a distribution that misses its bounds is refused") {
    Problems problems;
    json form = {{"distribution", "normal"}, {"mean", 0}, {"std", 1}, {"min", 40}};
    const auto values = read_neuron_values(form, 0, 3, false, "", problems);
    CHECK_THROWS_WITH_AS(values->values(3, Random(7, Stream::parameters, 0, 0)),
                         doctest::Contains("draws in a row lie outside \"min\" and \"max\""),
                         InputError);
}

TEST_CASE("neurons begin with given values, on every part and after every reset") {
    constexpr std::uint32_t size = 2500;
    const json membrane = {{"V_m", {{"distribution", "uniform"}, {"low", 0}, {"high", 10}}}};
    const Network network(synfire::testing::network(cells({{"initial", membrane}}, size)), 3);
    CHECK_FALSE(network.populations()[0].by_event);
    const std::vector<double>& begin = network.populations()[0].initial.at(0).values;
    REQUIRE(begin.size() == size);
    const double keeps = std::exp(-1.0 / 10);  // dt 1 ms, tau_m 10 ms
    for (const unsigned threads : {1u, 2u}) {
        Simulation simulation(network, 3, threads);
        std::vector<double> values;
        SimulationHooks hooks;
        hooks.reads_state = true;
        hooks.next_tick = [](std::int64_t tick) { return tick + 1; };
        hooks.visited = [&](const Simulation& at, std::int64_t tick) {
            if (tick == 0) at.read(0, 0, values);
        };
        simulation.run(nullptr, 3, hooks);
        REQUIRE(values.size() == size);
        for (std::uint32_t i = 0; i < size; ++i)
            CHECK(values[i] == doctest::Approx(begin[i] * keeps).epsilon(1e-12));
    }
}

TEST_CASE("a source may have a rate for each neuron") {
    json network = cells({{"neuron", "poisson"}, {"parameters", {{"rate_hz", {0, 300, 900}}}}});
    const Network built(synfire::testing::network(network), 3);
    Simulation simulation(built, 3, 1);
    std::vector<int> spikes(3);
    SimulationHooks hooks;
    hooks.visited = [&](const Simulation& at, std::int64_t) {
        for (const std::uint32_t i : at.spikes(0)) ++spikes[i];
    };
    simulation.run(nullptr, 20000, hooks);
    CHECK(spikes[0] == 0);
    CHECK(spikes[1] == doctest::Approx(6000 * std::exp(-0.15)).epsilon(0.15));
    CHECK(spikes[2] > 2 * spikes[1]);
}

TEST_CASE("training with a list of one value is training with that value") {
    for (const char* rule : {"stllr", "bptt"}) {
        std::vector<std::uint64_t> prints;
        for (const int way : {0, 1, 2}) {
            json e = synfire::testing::small_experiment();
            e["training"]["rule"] = rule;
            for (json& p : e["network"]["populations"])
                if (p["neuron"] == "lif") {
                    if (way == 1) p["parameters"]["leak"] = std::vector<double>(8, 2);
                    if (way == 0) p["parameters"]["leak"] = 2;
                    if (way == 2) p["parameters"]["leak"] = {2, 2, 2, 2, 2, 2, 2, 1};
                }
            const Experiment read = synfire::testing::experiment(e);
            Network network(read.network, read.seed, trained_populations(read.network));
            Trainer trainer(network, *read.training, 0, read.seed, 2);
            const EventSet set = synfire::testing::random_recordings(12, 6, 20, 5);
            for (std::uint32_t step = 0; step < 3; ++step)
                trainer.train_batch(set, trainer.order(12, step), step, step, 3);
            prints.push_back(network.fingerprint());
        }
        CHECK(prints[0] == prints[1]);
        CHECK(prints[0] != prints[2]);
    }
}

TEST_CASE("columns of files") {
    CHECK(read_csv_column("a,b\n1, 2.5\n\n3,-4e2\r\n", "b") == std::vector<double>{2.5, -400});
    auto refused = [](const char* text, const char* column) {
        try {
            read_csv_column(text, column);
        } catch (const InputError& error) {
            return std::string(error.what());
        }
        return std::string("taken");
    };
    CHECK(mentions(refused("a,b\n1,2\n", "c"), "one column 'c' is expected; there are 'a' or 'b'"));
    CHECK(mentions(refused("a,a\n1,2\n", "a"), "one column 'a' is expected"));
    CHECK(mentions(refused("a,b\n1\n", "b"), "line 2: '1'; expected are 2 fields"));
    CHECK(mentions(refused("a\nnan\n", "a"), "line 2: 'nan'"));
    CHECK(mentions(refused("", "a"), "names of columns"));
    const std::string path = synfire::testing::scratch_folder() + "/values.csv";
    std::ofstream(path) << "threshold,other\n-50,1\n-51,2\n-52,3\n";
    const json file = {{"file", path}, {"column", "threshold"}};
    CHECK(problems_with({{"parameters", {{"V_th", file}}}}) == "");
    CHECK(
        mentions(problems_with({{"parameters", {{"V_th", file}}}}, 4), "3 values stand in column"));
}

TEST_CASE("what cannot be a value for each neuron is refused") {
    auto parameter = [](const json& value) {
        return problems_with({{"parameters", {{"tau_m", value}}}});
    };
    CHECK(mentions(parameter({1, 2}), "2 values are listed, and the population has 3 neurons"));
    CHECK(mentions(parameter({1, 2, 0}), "/parameters/tau_m/2: 0 is out of range"));
    CHECK(mentions(parameter({1, 2, "x"}), "expected a number"));
    CHECK(mentions(parameter({{"distribution", "norml"}}), "did you mean 'normal'"));
    CHECK(mentions(parameter({{"distribution", "normal"}, {"mean", 10}}), "'std' is missing"));
    CHECK(mentions(parameter({{"distribution", "normal"}, {"mean", -10}, {"std", 1}}),
                   "which is not above 0; \"min\" and \"max\" bound what is drawn"));
    CHECK(mentions(parameter({{"distribution", "uniform"}, {"low", 2}, {"high", 1}}),
                   "\"low\" may not be above \"high\""));
    CHECK(mentions(parameter({{"distribution", "uniform"}, {"low", 1}, {"high", 2}, {"min", 3}}),
                   "lies between \"min\" and \"max\""));
    CHECK(
        mentions(parameter({{"distribution", "exponential"}, {"mean", 1}, {"min", 3}, {"max", 2}}),
                 "no value lies between"));
    // What only the plugin can judge, of one neuron.
    CHECK(mentions(problems_with({{"parameters", {{"V_th", {-50, -80, -50}}}}}),
                   "neuron 1: V_reset has to be below V_th"));
    CHECK(
        mentions(problems_with({{"initial", {{"V", 1}}}}), "'V' is unknown here. Allowed: 'V_m'"));
    CHECK(mentions(problems_with({{"initial", {{"V_m", {1, 2}}}}}), "2 values are listed"));
    CHECK(mentions(problems_with({{"initial", {{"V_m", 1}}}, {"integration", "event"}}),
                   "begin as the model says"));
    CHECK(mentions(problems_with({{"neuron", "lif"}, {"parameters", {{"psi", {1, 2, 3}}}}}),
                   "/parameters/psi"));
}
