// Weights can be had: saved at the end, and recorded over time, of every topology that has them;
// the same for any number of threads.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <fstream>
#include <sstream>

#include "engine/record.hpp"
#include "engine/save_weights.hpp"
#include "support/environment.hpp"
#include "support/experiments.hpp"
#include "support/saved_file.hpp"

using namespace synfire;
using namespace synfire::testing;
using json = nlohmann::json;

namespace {

json cells(const char* name, std::uint32_t size) {
    return {{"name", name},
            {"size", size},
            {"neuron", "iaf_psc_delta"},
            {"parameters",
             {{"C_m", 1}, {"tau_m", 20}, {"t_ref", 2}, {"E_L", 0}, {"V_reset", 0}, {"V_th", 20}}}};
}

// A source that fires, and 1,100 neurons (three parts) that learn from it and from each other.
json learning() {
    const json plasticity = {{"name", "stdp"}, {"parameters", {{"w_max", 30}, {"lambda", 0.1}}}};
    return {{"dt_ms", 0.1},
            {"populations",
             {{{"name", "source"},
               {"size", 200},
               {"neuron", "poisson"},
               {"parameters", {{"rate_hz", 40}}}},
              cells("cells", 1100)}},
            {"projections",
             {{{"source", "source"},
               {"target", "cells"},
               {"topology", "sparse"},
               {"out_degree", 60},
               {"delay_ticks", 7},
               {"weights", {{"distribution", "constant"}, {"value", 15}}},
               {"rule", plasticity}},
              {{"source", "cells"},
               {"target", "cells"},
               {"topology", "sparse"},
               {"probability", 0.02},
               {"delay_ticks", 12},
               {"weights", {{"distribution", "uniform"}, {"low", 1}, {"high", 4}}},
               {"rule", plasticity}}}}};
}

std::string text_of(const std::string& path) {
    std::stringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
}

// Runs with a recorder; returns the folder, with weights.h5 saved at the end.
std::string run(const json& description, const json& record, unsigned threads, std::int64_t ticks) {
    const Experiment e = experiment({{"network", description}, {"record", record}});
    const Network net(e.network, 3);
    const std::string folder = scratch_folder();
    Recorder recorder(e.record, net, folder);
    Simulation simulation(net, 5, threads);
    SimulationHooks hooks;
    hooks.reads_state = e.record.reads_state();
    hooks.next_tick = [&](std::int64_t tick) { return recorder.next_tick(tick); };
    hooks.visited = [&](const Simulation& s, std::int64_t tick) { recorder.record(s, tick); };
    CHECK(simulation.run(nullptr, ticks, hooks) == ticks);
    recorder.close();
    save_weights(folder + "/weights.h5", simulation);
    return folder;
}

}  // namespace

TEST_CASE("saved weights are the same for any number of threads, recorded or not") {
    const json nothing = json::object();
    const json all = {{"weights",
                       {{{"projection", "source->cells"}, {"every_ticks", 50}},
                        {{"projection", "cells->cells"}, {"every_ticks", 199}}}}};
    const std::string one = run(learning(), nothing, 1, 600);
    const SavedFile first = SavedFile::open(one + "/weights.h5");
    CHECK(first.read<std::uint64_t>("/ticks") == std::vector<std::uint64_t>{600});
    const std::string group = "/projections/cells->cells/";
    CHECK(first.read_text(group + "source_population") == "cells");
    const auto source = first.read<std::uint32_t>(group + "source");
    const auto target = first.read<std::uint32_t>(group + "target");
    const auto weight = first.read<double>(group + "weight");
    REQUIRE(source.size() > 20000);
    REQUIRE(target.size() == source.size());
    REQUIRE(weight.size() == source.size());
    for (std::size_t k = 1; k < source.size(); ++k)
        CHECK_FALSE(std::pair(source[k], target[k]) <= std::pair(source[k - 1], target[k - 1]));
    for (const unsigned threads : {2u, 3u})
        for (const json& record : {nothing, all}) {
            const SavedFile other =
                SavedFile::open(run(learning(), record, threads, 600) + "/weights.h5");
            for (const char* projection : {"source->cells", "cells->cells"}) {
                const std::string path = std::string("/projections/") + projection;
                for (const char* name : {"/source", "/target"})
                    CHECK(other.read<std::uint32_t>(path + name) ==
                          first.read<std::uint32_t>(path + name));
                CHECK(other.read<double>(path + "/weight") == first.read<double>(path + "/weight"));
            }
        }
}

TEST_CASE("weights over time, in both forms of records") {
    const json chosen = {
        {{"projection", "cells->cells"}, {"every_ticks", 100}, {"synapses", {7, 3}}},
        {{"projection", "source->cells"}, {"every_ticks", 300}, {"at_most", 4}}};
    std::string text;
    for (const unsigned threads : {1u, 3u}) {
        const std::string csv =
            run(learning(), {{"format", "csv"}, {"weights", chosen}}, threads, 600);
        const std::string h5 = run(learning(), {{"weights", chosen}}, threads, 600);
        const std::string table = text_of(csv + "/weights-cells->cells.csv");
        if (text.empty()) text = table;
        CHECK(table == text);
        const SavedFile saved = SavedFile::open(h5 + "/weights.h5");
        const SavedFile record = SavedFile::open(h5 + "/record.h5");
        const auto source = saved.read<std::uint32_t>("/projections/cells->cells/source");
        const auto target = saved.read<std::uint32_t>("/projections/cells->cells/target");
        const std::string group = "/weights/cells->cells";
        CHECK(record.read<std::uint32_t>(group + "/source") ==
              std::vector<std::uint32_t>{source[7], source[3]});
        CHECK(record.read<std::uint32_t>(group + "/target") ==
              std::vector<std::uint32_t>{target[7], target[3]});
        CHECK(record.read<std::uint64_t>(group + "/tick") ==
              std::vector<std::uint64_t>{0, 100, 200, 300, 400, 500});
        const auto values = record.read<double>(group + "/values");
        REQUIRE(values.size() == 12);
        CHECK(record.shape("/weights/source->cells/values") == std::vector<std::uint64_t>{2, 4});
        // The same numbers as text.
        std::stringstream lines(table);
        std::string line;
        std::getline(lines, line);
        CHECK(line ==
              fmt::format("tick,{}->{},{}->{}", source[7], target[7], source[3], target[3]));
        for (std::size_t k = 0; k < 6; ++k) {
            std::getline(lines, line);
            double a = 0, b = 0;
            int tick = -1;
            REQUIRE(std::sscanf(line.c_str(), "%d,%lf,%lf", &tick, &a, &b) == 3);
            CHECK(tick == static_cast<int>(100 * k));
            CHECK(a == values[2 * k]);
            CHECK(b == values[2 * k + 1]);
        }
    }
}

TEST_CASE("a weight that is read at a tick is what it is then") {
    // The source fires at 2, the target at 5, which reaches the synapse at 6.
    json target = cells("cell", 1);
    target["parameters"] = {{"V_th", 1e6}};
    json n = {{"populations",
               {{{"name", "pre"}, {"size", 1}, {"neuron", "spike_source"}, {"events", {{2, 0}}}},
                {{"name", "driver"}, {"size", 1}, {"neuron", "spike_source"}, {"events", {{4, 0}}}},
                target}},
              {"projections",
               {{{"source", "pre"},
                 {"target", "cell"},
                 {"delay_ticks", 1},
                 {"weights", {{"distribution", "constant"}, {"value", 40}}},
                 {"rule", {{"name", "stdp"}}}},
                {{"source", "driver"},
                 {"target", "cell"},
                 {"delay_ticks", 1},
                 {"weights", {{"distribution", "constant"}, {"value", 1e9}}}}}}};
    const std::string folder = run(n, {{"weights", {{{"projection", "pre->cell"}}}}}, 1, 9);
    const SavedFile record = SavedFile::open(folder + "/record.h5");
    const auto values = record.read<double>("/weights/pre->cell/values");
    REQUIRE(values.size() == 9);
    for (std::size_t t = 0; t < 9; ++t) {
        CAPTURE(t);
        CHECK(values[t] == doctest::Approx(t < 6 ? 40 : 40 + std::exp(-4.0 / 20)).epsilon(1e-6));
    }
}

TEST_CASE("weights of every topology are saved") {
    auto joined = [](const char* source, const char* target, json more) {
        json p = {{"source", source}, {"target", target}, {"delay_ticks", 1}};
        p.update(more);
        return p;
    };
    const json n = {
        {"populations",
         {{{"name", "in"}, {"size", 4}, {"neuron", "input"}},
          {{"name", "map"}, {"shape", {2, 4, 4}}, {"neuron", "input"}},
          {{"name", "pool"}, {"shape", {2, 2, 2}}, {"neuron", "relay"}},
          {{"name", "conv"}, {"shape", {3, 4, 4}}, {"neuron", "lif"}},
          {{"name", "out"}, {"size", 3}, {"neuron", "leaky_readout"}},
          cells("exact", 4)}},
        {"projections",
         {joined("in", "exact",
                 {{"name", "dense"}, {"weights", {{"distribution", "constant"}, {"value", 0.1}}}}),
          joined("in", "exact", {{"name", "single"}, {"topology", "one_to_one"}}),
          joined("in", "exact",
                 {{"name", "list"},
                  {"topology", "sparse"},
                  {"synapses", {{3, 1, 0.3}, {0, 2, 0.1}, {0, 2, 0.2}}}}),
          joined("in", "exact",
                 {{"name", "bits"},
                  {"topology", "sparse"},
                  {"in_degree", 5},
                  {"weights", {{"distribution", "constant"}, {"value", -2.5}}}}),
          joined("map", "conv",
                 {{"name", "kernel"},
                  {"topology", "conv2d"},
                  {"kernel", 3},
                  {"padding", 1},
                  {"bias", true}}),
          {{"source", "map"},
           {"target", "pool"},
           {"name", "pooling"},
           {"topology", "avg_pool"},
           {"size", 2}},
          joined("pool", "out", {{"name", "averaged"}})}}};
    const Network net(network(n), 1);
    const Simulation simulation(net);
    const std::string path = scratch_folder() + "/weights.h5";
    save_weights(path, simulation);
    const SavedFile file = SavedFile::open(path);
    using Numbers = std::vector<double>;
    using Neurons = std::vector<std::uint32_t>;
    auto weight = [&](const std::string& name) {
        return file.read<double>("/projections/" + name + "/weight");
    };
    auto source = [&](const std::string& name) {
        return file.read<std::uint32_t>("/projections/" + name + "/source");
    };
    auto target = [&](const std::string& name) {
        return file.read<std::uint32_t>("/projections/" + name + "/target");
    };
    CHECK(weight("dense") == Numbers{0.1});
    CHECK(source("dense") == Neurons{0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3});
    CHECK(target("dense") == Neurons{0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3});
    CHECK(source("single") == Neurons{0, 1, 2, 3});
    CHECK(target("single") == Neurons{0, 1, 2, 3});
    const Matrix& single = net.projections()[1].weights;
    CHECK(weight("single") == Numbers(single.values(0).begin(), single.values(0).end()));
    CHECK(source("list") == Neurons{0, 0, 3});
    CHECK(target("list") == Neurons{2, 2, 1});
    CHECK(weight("list") == Numbers{0.1, 0.2, 0.3});
    CHECK(weight("bits") == Numbers{-2.5});
    Neurons in_degree(4);
    for (const std::uint32_t i : target("bits")) ++in_degree[i];
    CHECK(in_degree == Neurons{5, 5, 5, 5});
    CHECK(std::ranges::is_sorted(source("bits")));
    CHECK(file.shape("/projections/kernel/weight") == std::vector<std::uint64_t>{3, 3, 2, 3});
    const Matrix& kernel = net.projections()[4].weights;
    CHECK(weight("kernel")[3 * 5 + 1] == kernel.row(5)[1]);
    CHECK(file.shape("/projections/kernel/bias") == std::vector<std::uint64_t>{3});
    CHECK_FALSE(file.has("/projections/pooling"));
    CHECK(file.read_text("/projections/averaged/source_population") == "pool");
    CHECK(source("averaged").size() == 8 * 3);
    CHECK(weight("averaged")[3 * 2 + 1] == net.projections()[6].weights.row(2)[1]);
}

TEST_CASE("weights that cannot be recorded are refused") {
    auto problems = [](json weights) {
        json n = learning();
        n["projections"][1].erase("rule");
        return problems_of({{"network", n}, {"record", {{"weights", {weights}}}}});
    };
    CHECK(problems({{"projection", "source->cells"}}) == "");
    CHECK(problems({{"projection", "source->cell"}}).find("did you mean 'source->cells'") !=
          std::string::npos);
    CHECK(problems({{"projection", "cells->cells"}}).find("no \"rule\" that writes weights") !=
          std::string::npos);
    CHECK(problems({{"projection", "source->cells"}, {"synapses", {1}}, {"at_most", 2}})
              .find("not by both") != std::string::npos);
    CHECK(problems({{"projection", "source->cells"}, {"every_ticks", 0}}) != "");
    const Experiment e = experiment(
        {{"network", learning()},
         {"record", {{"weights", {{{"projection", "source->cells"}, {"synapses", {0, 12000}}}}}}}});
    const Network net(e.network, 1);
    CHECK_THROWS_WITH_AS(Recorder(e.record, net, scratch_folder()),
                         doctest::Contains("There is no synapse 12000 of 'source->cells'"),
                         InputError);
}

namespace {

// Saves the weights that a network begins with; returns the file.
std::string saved_weights(const Network& made) {
    const std::string file = scratch_folder() + "/weights.h5";
    save_weights(file, Simulation(made, 5, 1));
    return file;
}

json joined_map(const json& more) {
    json p = {{"name", "p"},
              {"source", "in"},
              {"target", "map"},
              {"topology", "conv2d"},
              {"kernel", 3},
              {"padding", 1},
              {"weights", {{"distribution", "kaiming_normal"}}}};
    p.update(more);
    return {{"populations",
             {{{"name", "in"}, {"shape", {2, 4, 4}}, {"neuron", "input"}},
              {{"name", "map"}, {"shape", {3, 4, 4}}, {"neuron", "lif"}}}},
            {"projections", {p}}};
}

}  // namespace

TEST_CASE("one weight for all synapses is the same number when it comes back from a file") {
    json n = {
        {"dt_ms", 0.1},
        {"populations",
         {{{"name", "in"}, {"size", 4}, {"neuron", "poisson"}, {"parameters", {{"rate_hz", 900}}}},
          cells("exact", 4)}},
        {"projections",
         {{{"name", "p"},
           {"source", "in"},
           {"target", "exact"},
           {"delay_ticks", 1},
           {"weights", {{"distribution", "constant"}, {"value", 0.1}}}}}}};
    const std::string file = saved_weights(Network(network(n), 3));
    n["projections"][0]["weights"] = {{"file", file}};
    const Network back(network(n), 3);
    REQUIRE(back.projections()[0].one_weight);
    CHECK(*back.projections()[0].one_weight == 0.1);
}

TEST_CASE("a bias comes back with the weights, and is not lost where there is no place for it") {
    json n = joined_map({{"bias", true}});
    Network made(network(n), 3);
    made.projections()[0].bias.row(0)[1] = 0.25f;
    const std::string file = saved_weights(made);
    n["projections"][0]["weights"] = {{"file", file}};
    const Network back(network(n), 4);
    CHECK(back.projections()[0].bias.row(0)[1] == 0.25f);
    CHECK(back.projections()[0].bias.row(0)[0] == 0.0f);
    n["projections"][0]["bias"] = false;
    CHECK_THROWS_WITH(Network(network(n), 4),
                      doctest::Contains("'p' has a bias there, for which 'p' has no place"));
}

TEST_CASE("standardised weights are not standardised twice") {
    json n = joined_map({{"standardise", true}, {"gain", 2}});
    const Network made(network(n), 3);
    const std::string file = saved_weights(made);
    n["projections"][0]["weights"] = {{"file", file}};
    CHECK_THROWS_WITH(Network(network(n), 4), doctest::Contains("standardised already"));
    n["projections"][0].erase("gain");
    n["projections"][0]["standardise"] = false;
    const Network back(network(n), 4);
    const Matrix& weights = back.projections()[0].weights;
    for (std::uint32_t r = 0; r < weights.rows; ++r)
        for (std::uint32_t c = 0; c < weights.columns; ++c)
            CHECK(weights.row(r)[c] == made.projections()[0].effective.row(r)[c]);
}
