// Networks of double-precision neurons: the same spikes for any number of parts, lazily and swept,
// through every form that synapses are kept in; noise, sources and plasticity.
#include <doctest/doctest.h>

#include <cmath>

#include "engine/simulation.hpp"
#include "json/document.hpp"
#include "support/environment.hpp"
#include "support/experiments.hpp"

using namespace synfire;
using namespace synfire::testing;
using json = nlohmann::json;

namespace {

using Raster = std::vector<std::tuple<std::int64_t, std::uint32_t, std::uint32_t>>;

struct Outcome {
    Raster raster;
    Counters counters;
    std::vector<float> plastic;  // weights of projection 0 at the end
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
    if (!net.projections().empty() && net.projections()[0].rule)
        outcome.plastic = simulation.plastic_weights(0);
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
    // Weights that differ in nothing but their form: uniform between bounds that single precision
    // does not tell apart is kept one by one.
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
            if (w.contains("high")) w["high"] = std::nextafter(w["high"].get<double>(), 1.0);
        }
    const Outcome a = run(exact, 1, 1000), b = run(lists, 1, 1000);
    CHECK(a.counters.synaptic_events == b.counters.synaptic_events);
    CHECK(a.raster == b.raster);
    CHECK(!a.raster.empty());
}

TEST_CASE("a convolution onto double-precision neurons brings what its synapses bring one by one") {
    json n = {{"dt_ms", 0.1},
              {"populations",
               {{{"name", "eyes"},
                 {"shape", {2, 20, 30}},
                 {"neuron", "poisson"},
                 {"parameters", {{"rate_hz", 100}}}},
                cells("cells", 18 * 28 * 3, false)}},
              {"projections",
               {{{"source", "eyes"},
                 {"target", "cells"},
                 {"topology", "conv2d"},
                 {"kernel", 3},
                 {"delay_ticks", 3},
                 {"weights", {{"distribution", "uniform"}, {"low", -1}, {"high", 4}}}}}}};
    n["populations"][1]["shape"] = {3, 18, 28};
    json listed = n;
    const Network net(network(n), 3);
    const Projection& p = net.projections()[0];
    json synapses = json::array();
    for (std::uint32_t j = 0; j < p.topology->pre_count(); ++j)
        p.topology->for_each_synapse(j, [&](auto target, auto row, auto column) {
            synapses.push_back({j, target, double{p.weights.row(row)[column]}});
        });
    listed["projections"][0] = {{"source", "eyes"},
                                {"target", "cells"},
                                {"topology", "sparse"},
                                {"synapses", synapses},
                                {"delay_ticks", 3}};
    const Outcome one_by_one = run(listed, 1, 1000);
    CHECK(one_by_one.raster.size() > 1000);
    for (const unsigned threads : {1u, 2u, 3u}) {
        const Outcome convolved = run(n, threads, 1000);
        CHECK(convolved.raster == one_by_one.raster);
        CHECK(convolved.counters.synaptic_events == one_by_one.counters.synaptic_events);
    }
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

namespace {

// Every rule that writes weights, for weights from 0 to 0.4.
const json writing_rules = {
    {{"name", "stdp"}, {"parameters", {{"lambda", 0.01}, {"alpha", 1.05}, {"w_max", 0.4}}}},
    {{"name", "stdp"},
     {"parameters", {{"lambda", 0.01}, {"dependence", "power_law"}, {"alpha", 2}}}},
    {{"name", "stdp_triplet"}, {"parameters", {{"Aplus", 0.005}, {"w_max", 0.4}}}},
    {{"name", "vogels_sprekeler"}, {"parameters", {{"eta", 0.01}, {"w_max", 0.4}}}},
    {{"name", "r_stdp"},
     {"modulator", "I"},
     {"modulator_delay_ticks", 1},
     {"parameters", {{"w_max", 0.4}, {"A_plus", 0.2}, {"A_minus", 0.3}, {"b", 0.01}}}}};

// The balanced network, its excitatory synapses few and plastic.
json plastic_network(const json& rule) {
    json n = balanced();
    n["projections"][0]["in_degree"] = 40;
    n["projections"][0]["rule"] = rule;
    return n;
}

}  // namespace

TEST_CASE("plastic weights are the same for any number of parts, and stay in their bounds") {
    for (const json& rule : writing_rules) {
        CAPTURE(rule.dump());
        const json n = plastic_network(rule);
        const Outcome one = run(n, 1, 1007);
        REQUIRE(one.plastic.size() == 1500 * 40);
        double squares = 0;
        for (const float w : one.plastic) squares += (w - 0.2) * (w - 0.2);
        CHECK(*std::ranges::min_element(one.plastic) >= 0);
        if (!rule["parameters"].contains("dependence"))
            CHECK(*std::ranges::max_element(one.plastic) <= 0.4f);
        CHECK(squares > 0.01);
        for (const unsigned threads : {2u, 4u}) {
            const Outcome many = run(n, threads, 1007);
            CHECK(many.parts > 1);
            CHECK(one.raster == many.raster);
            CHECK(one.plastic == many.plastic);
        }
    }
}

namespace {

// A source that fires at some ticks, a second that makes the only target fire at others, and a
// plastic synapse between.
json pair_of_spikes(std::vector<int> pre, std::vector<int> post, json plastic) {
    json events = json::array(), driven = json::array();
    for (const int t : pre) events.push_back({t, 0});
    for (const int t : post) driven.push_back({t - 1, 0});
    json cell = cells("cell", 1, false);
    cell["parameters"]["V_th"] = 1e6;
    cell["parameters"]["t_ref"] = 0;
    json p = joined("pre", "cell", {{"in_degree", 1}, {"delay_ticks", 1}}, 40);
    p["rule"] = {{"name", "stdp"}, {"parameters", json::object()}};
    p.update(plastic, true);
    return {{"dt_ms", 1.0},
            {"populations",
             {{{"name", "pre"}, {"size", 1}, {"neuron", "spike_source"}, {"events", events}},
              {{"name", "driver"}, {"size", 1}, {"neuron", "spike_source"}, {"events", driven}},
              cell}},
            {"projections",
             {p, joined("driver", "cell", {{"in_degree", 1}, {"delay_ticks", 1}}, 1e9)}}};
}

}  // namespace

TEST_CASE("the last pair of spikes is in the weights at the end") {
    const double paired = 40 + 100 * 0.01 * std::exp(-4.0 / 20);
    const json n = pair_of_spikes({2}, {5}, json::object());
    CHECK(run(n, 1, 50).plastic.at(0) == doctest::Approx(paired).epsilon(1e-6));
    // From when the target's spike has reached the synapse.
    CHECK(run(n, 1, 7).plastic.at(0) == doctest::Approx(paired).epsilon(1e-6));
    CHECK(run(n, 1, 6).plastic.at(0) == 40.0f);
    // The source's second spike weakens at once, though it arrives later; so does what it does to
    // a spike of the target that comes before it arrives.
    const json late = pair_of_spikes({2, 30}, {5}, {{"delay_ticks", 10}});
    const double before = 40 + std::exp(-13.0 / 20);
    CHECK(run(late, 1, 30).plastic.at(0) == doctest::Approx(before).epsilon(1e-6));
    CHECK(run(late, 1, 31).plastic.at(0) ==
          doctest::Approx(before - std::exp(-15.0 / 20)).epsilon(1e-6));
}

TEST_CASE("rows of silent sources are looked after without losing a pair") {
    // Traces last 277 ticks. The target's spike at 330 makes the engine look after the row, while
    // the source's at 300 is under way to the target's at 245, which reaches the synapse after it.
    const json n = pair_of_spikes(
        {2, 300}, {5, 245, 330},
        {{"delay_ticks", 60}, {"rule", {{"parameters", {{"tau_plus", 10}, {"tau_minus", 10}}}}}});
    const double w = 40 + std::exp(-6.3) - std::exp(-23.5) + std::exp(-0.5) + std::exp(-9.0);
    CHECK(run(n, 1, 1000).plastic.at(0) == doctest::Approx(w).epsilon(1e-6));
}

TEST_CASE("reading weights changes nothing") {
    for (const json& rule : writing_rules) {
        CAPTURE(rule.dump());
        const json n = plastic_network(rule);
        for (const unsigned threads : {1u, 2u}) {
            const Outcome unread = run(n, threads, 700);
            const Network net(network(n), 3);
            Simulation simulation(net, 5, threads);
            Raster raster;
            std::vector<float> last;
            std::size_t changed = 0;
            SimulationHooks hooks;
            hooks.reads_state = true;
            hooks.visited = [&](const Simulation& s, std::int64_t tick) {
                for (std::uint32_t p = 0; p < net.populations().size(); ++p)
                    for (const std::uint32_t i : s.spikes(p)) raster.emplace_back(tick, p, i);
                if (tick % 100 != 99) return;
                const std::vector<float> now = s.plastic_weights(0);
                changed += now != last;
                last = now;
            };
            CHECK(simulation.run(nullptr, 700, hooks) == 700);
            CHECK(raster == unread.raster);
            CHECK(changed == 7);
            CHECK(last == unread.plastic);
            CHECK(simulation.plastic_weights(0) == unread.plastic);
        }
    }
}

namespace {

// r_stdp at a pair of spikes, the source's at 2 and the target's at 5, which reaches the synapse at
// 6; a population releases 1 at some ticks, which is there one later. The weight after so many.
float rewarded(std::vector<int> doses, const json& parameters, std::int64_t ticks) {
    json n = pair_of_spikes({2}, {5}, json::object());
    json events = json::array();
    for (const int t : doses) events.push_back({t, 0});
    n["populations"].push_back(
        {{"name", "dopamine"}, {"size", 1}, {"neuron", "spike_source"}, {"events", events}});
    n["projections"][0]["rule"] = {
        {"name", "r_stdp"}, {"modulator", "dopamine"}, {"parameters", parameters}};
    return run(n, 1, ticks).plastic.at(0);
}

// r_stdp's defaults.
constexpr double tau_c = 1000, tau_n = 200, both_rates = 1 / tau_c + 1 / tau_n;

}  // namespace

TEST_CASE("a modulator turns eligibility into weight, and none leaves it") {
    const json defaults = json::object();
    CHECK(rewarded({}, defaults, 5000) == 40.0f);
    // c = e^(-4/20) at 6, n = 1/200 at 21; w' = c n.
    const double c = std::exp(-4.0 / 20 - 15 / tau_c);
    auto expected = [&](double ticks) {
        return 40 + c / tau_n / both_rates * (1 - std::exp(-both_rates * ticks));
    };
    CHECK(rewarded({20}, defaults, 22) == 40.0f);
    CHECK(rewarded({20}, defaults, 400) == doctest::Approx(expected(399 - 21)).epsilon(1e-7));
    CHECK(rewarded({20}, defaults, 100000) == doctest::Approx(expected(1e9)).epsilon(1e-7));
    // Where n falls through b a weight turns back from a bound that it had reached before.
    const json to_bound = {{"b", 0.004}, {"w_max", 40.01}};
    auto in_small_steps = [](double ticks) {
        double w = 40, now_c = std::exp(-4.0 / 20), n = 1 / tau_n;
        constexpr double step = 1e-3;
        for (double t = 6; t < ticks - 1; t += step) {
            w = std::min(40.01, w + now_c * (n - 0.004) * step);
            now_c *= std::exp(-step / tau_c);
            n *= std::exp(-step / tau_n);
        }
        return w;
    };
    CHECK(in_small_steps(40) == 40.01);
    CHECK(rewarded({5}, to_bound, 40) == 40.01f);
    CHECK(in_small_steps(300) < 39.9);
    CHECK(rewarded({5}, to_bound, 300) == doctest::Approx(in_small_steps(300)).epsilon(1e-6));
}

TEST_CASE("a reward at the end of a sample has its whole effect") {
    json e = small_experiment();
    e["network"]["projections"][0] = {
        {"source", "in"},       {"target", "hidden"},
        {"topology", "sparse"}, {"synapses", {{0, 0, 5}}},
        {"delay_ticks", 1},     {"rule", {{"name", "r_stdp"}, {"modulator", "reward"}}}};
    e["network"]["populations"][1]["parameters"]["reset"] = "hard";
    e["network"]["projections"].erase(1);
    const Experiment read = experiment(e);
    const Network net(read.network, 1, trained_populations(read.network));
    for (const float reward : {1.0f, -1.0f}) {
        Engine engine(net);
        for (std::int64_t tick = 0; tick < 20; ++tick) {
            const std::vector<std::uint32_t> now(tick == 2 ? 1 : 0, 0u);
            const InputSpikes input{0, now};
            engine.step(tick, {&input, 1});
            CHECK(std::ranges::count(engine.spikes(1), 0u) == (tick == 3 ? 1 : 0));
        }
        engine.finish_plastic(reward);
        const double c = std::exp(-2.0 / 20 - 16 / tau_c);
        CHECK(engine.plastic(0)->weights()[0] ==
              doctest::Approx(5 + reward * c / tau_n / both_rates).epsilon(1e-6));
    }
}

TEST_CASE("inhibitory synapses learn with the formula of excitatory ones") {
    for (const double mu : {0.0, 0.4}) {
        const json parameters = {{"mu_plus", mu}, {"mu_minus", mu}, {"alpha", 1.5}};
        json n = pair_of_spikes({2, 9, 30, 31, 60}, {5, 7, 28, 45, 61},
                                {{"rule", {{"parameters", parameters}}}});
        const float excitatory = run(n, 1, 100).plastic.at(0);
        n["projections"][0]["weights"]["value"] = -40;
        n["projections"][0]["rule"]["parameters"]["w_max"] = -100;
        const Outcome inhibitory = run(n, 1, 100);
        CHECK(inhibitory.plastic.at(0) == -excitatory);
        CHECK(excitatory != 40.0f);
    }
    // To both bounds, and no further.
    json n = pair_of_spikes({2, 4, 6, 8}, {3, 5, 7}, {{"weights", {{"value", -99.5}}}});
    n["projections"][0]["rule"]["parameters"] = {{"w_max", -100}, {"lambda", 0.5}, {"alpha", 0}};
    CHECK(run(n, 1, 20).plastic.at(0) == -100.0f);
    n["projections"][0]["rule"]["parameters"]["alpha"] = 1000;
    CHECK(run(n, 1, 9).plastic.at(0) == 0.0f);
}

TEST_CASE("weights that a plastic rule does not take are refused, with the projection") {
    auto refusal = [](json weights, json parameters) {
        json n = pair_of_spikes({2}, {5}, {{"rule", {{"parameters", parameters}}}});
        n["projections"][0]["weights"] = weights;
        return problems_of({{"network", n}});
    };
    auto constant = [](double value) {
        return json{{"distribution", "constant"}, {"value", value}};
    };
    const json none = json::object();
    CHECK(refusal(constant(40), none) == "");
    CHECK(refusal(constant(100), none) == "");
    CHECK(refusal(constant(0), none) == "");
    CHECK(refusal(constant(0.1), {{"w_max", 0.1}}) == "");
    CHECK(refusal(constant(-40), {{"w_max", -100}}) == "");
    CHECK(refusal(constant(150), {{"dependence", "power_law"}}) == "");
    const std::string above = refusal(constant(150), none);
    CHECK(above.find("'pre->cell' has a weight of 150, and 'stdp' with these parameters takes "
                     "weights from -100 to 100.") != std::string::npos);
    CHECK(above.find("/network/projections/0/weights") != std::string::npos);
    CHECK(refusal(constant(-150), none) != "");
    CHECK(refusal(constant(40), {{"w_max", 0}}).find("w_max has to be above 0, or below 0") !=
          std::string::npos);
    CHECK(refusal({{"distribution", "uniform"}, {"low", 50}, {"high", 101}}, none) != "");
    json listed = pair_of_spikes({2}, {5}, none);
    listed["projections"][0].erase("in_degree");
    listed["projections"][0]["synapses"] = {{0, 0, 40}, {0, 0, 140}};
    CHECK(problems_of({{"network", listed}}).find("a weight of 140") != std::string::npos);
    // What is drawn is looked at when it has been.
    json drawn = pair_of_spikes({2}, {5}, {{"in_degree", 50}});
    drawn["projections"][0]["weights"] = {{"distribution", "normal"}, {"mean", 99}, {"std", 50}};
    const NetworkDescription description = network(drawn);
    CHECK_THROWS_WITH_AS(Network(description, 1),
                         doctest::Contains("takes weights from -100 to 100"), InputError);
}

TEST_CASE("stdp changes the size of a weight and keeps its sign") {
    for (const json& parameters :
         {json::object(), json{{"dependence", "power_law"}}, json{{"mu_plus", 0.4}},
          json{{"alpha", 1000}}, json{{"alpha", 1000}, {"mu_minus", 0.4}}}) {
        auto weight = [&](double initial) {
            json n =
                pair_of_spikes({2, 9, 12}, {5, 11, 14}, {{"rule", {{"parameters", parameters}}}});
            n["projections"][0]["weights"]["value"] = initial;
            return run(n, 1, 100).plastic.at(0);
        };
        CHECK(weight(-40) == -weight(40));
        CHECK(std::signbit(weight(-1e-6)));
    }
}

TEST_CASE("a plastic weight that changes its sign feeds the input of its sign") {
    // Twice a spike: first through weights of -3 and 5, then through those of 3 and -5.
    const PluginRegistry with_flipping({SYNFIRE_PLUGIN_FOLDER, SYNFIRE_FIXTURE_FOLDER});
    auto joined_by = [](const char* name, double first, double second) {
        return json{{"name", name},
                    {"source", name},
                    {"target", "cell"},
                    {"topology", "sparse"},
                    {"synapses", {{0, 0, first}, {0, 0, second}}},
                    {"delay_ticks", 3}};
    };
    auto source = [](const char* name, std::vector<int> ticks) {
        json events = json::array();
        for (const int t : ticks) events.push_back({t, 0});
        return json{{"name", name}, {"size", 1}, {"neuron", "spike_source"}, {"events", events}};
    };
    auto voltages = [&](json populations, json projections) {
        populations.push_back({{"name", "cell"},
                               {"size", 1},
                               {"neuron", "iaf_psc_exp"},
                               {"parameters", {{"tau_syn_ex", 2}, {"tau_syn_in", 9}}}});
        const json n = {{"network", {{"populations", populations}, {"projections", projections}}}};
        const Experiment e =
            read_experiment(Document::from_text(n.dump(), "test.json"), with_flipping, {});
        const Network net(e.network, 1);
        Simulation simulation(net);
        SimulationHooks hooks;
        hooks.reads_state = true;
        std::vector<double> course, v;
        hooks.next_tick = [](std::int64_t tick) { return tick + 1; };
        hooks.visited = [&](const Simulation& s, std::int64_t) {
            s.read(static_cast<std::uint32_t>(populations.size() - 1), 0, v);
            course.push_back(v[0]);
        };
        simulation.run(nullptr, 60, hooks);
        return course;
    };
    json plastic = joined_by("a", 3, -5);
    plastic["rule"] = {{"name", "flipping"}};
    json parts = json::array();
    for (const auto& [name, weight] :
         {std::pair("a", -3.0), std::pair("b", 5.0), std::pair("c", 3.0), std::pair("d", -5.0)}) {
        json part = joined_by(name, weight, 0);
        part["synapses"].erase(1);
        parts.push_back(part);
    }
    const auto flipped = voltages(json::array({source("a", {4, 20})}), json::array({plastic}));
    const auto apart = voltages(
        json::array({source("a", {4}), source("b", {4}), source("c", {20}), source("d", {20})}),
        parts);
    REQUIRE(flipped.size() == 60);
    for (std::size_t t = 0; t < 60; ++t)
        CHECK(flipped[t] == doctest::Approx(apart[t]).epsilon(1e-12));
    CHECK(std::ranges::max(flipped) > 0);
    CHECK(std::ranges::min(flipped) < 0);
}

TEST_CASE("a listed weight onto double-precision neurons is the weight itself") {
    json list = {{"source", "in"},
                 {"target", "cells"},
                 {"topology", "sparse"},
                 {"delay_ticks", 1},
                 {"synapses", {{0, 0, 0.1}, {0, 1, 0.3}, {0, 2, -0.7}, {0, 1, 1e-9}}}};
    for (const char* integration : {"tick", "event"}) {
        json n = {{"populations",
                   {{{"name", "in"}, {"size", 1}, {"neuron", "spike_source"}, {"events", {{0, 0}}}},
                    cells("cells", 3, false)}},
                  {"projections", {list}}};
        n["populations"][1]["integration"] = integration;
        const Network net(network(n), 1);
        Simulation simulation(net);
        std::vector<double> v;
        SimulationHooks hooks;
        hooks.reads_state = true;
        hooks.visited = [&](const Simulation& s, std::int64_t tick) {
            if (tick == 1) s.read(1, 0, v);
        };
        simulation.run(nullptr, 2, hooks);
        CHECK(v == std::vector<double>{0.1, 0.3 + 1e-9, -0.7});
    }
}

TEST_CASE("a distribution with one value gives that value") {
    for (const json& weights : {json{{"distribution", "constant"}, {"value", 0.1}},
                                json{{"distribution", "normal"}, {"mean", 0.1}, {"std", 0}},
                                json{{"distribution", "uniform"}, {"low", 0.1}, {"high", 0.1}}}) {
        const json n = {
            {"populations",
             {{{"name", "in"}, {"size", 2}, {"neuron", "input"}}, cells("cells", 3, false)}},
            {"projections", {{{"source", "in"}, {"target", "cells"}, {"weights", weights}}}}};
        const Network net(network(n), 1);
        CHECK(net.projections()[0].one_weight == 0.1);
    }
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
