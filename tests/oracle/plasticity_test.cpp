// The golden cases of NEST's plastic synapses: nest_stdp_*. One synapse; its weight after each
// spike of the source that changes it, and when.
#include <doctest/doctest.h>

#include <fmt/format.h>

#include <cmath>
#include <utility>

#include "engine/engine.hpp"
#include "oracle/golden_case.hpp"
#include "support/environment.hpp"
#include "support/experiments.hpp"

using namespace synfire;
using namespace synfire::testing;
using json = nlohmann::json;

namespace {

// The rule that a case asks for, as a projection names it.
json rule_of(const GoldenCase& c) {
    const std::string model = c.json.at("model");
    const json& given = c.json.at("synapse_defaults");
    json p;
    auto take = [&](std::initializer_list<const char*> names) {
        for (const char* name : names) p[name] = given.at(name);
    };
    const json& target =
        c.json.contains("target_parameters") ? c.json.at("target_parameters") : json::object();
    if (model == "stdp_triplet_synapse") {
        take(
            {"tau_plus", "tau_plus_triplet", "Aplus", "Aminus", "Aplus_triplet", "Aminus_triplet"});
        p.update(target);
        p["w_max"] = given.at("Wmax");
        return {{"name", "stdp_triplet"}, {"parameters", p}};
    }
    if (model == "vogels_sprekeler_synapse") {
        CHECK(target.at("tau_minus") == given.at("tau"));
        take({"tau", "eta", "alpha"});
        p["w_max"] = given.at("Wmax");
        return {{"name", "vogels_sprekeler"}, {"parameters", p}};
    }
    if (model == "stdp_dopamine_synapse") {
        take({"A_plus", "A_minus", "tau_plus", "tau_c", "tau_n", "b"});
        p.update(target);
        p["w_min"] = given.at("Wmin");
        p["w_max"] = given.at("Wmax");
        return {
            {"name", "r_stdp"},
            {"parameters", p},
            {"modulator", "dopamine"},
            {"modulator_delay_ticks", std::lround(1.0 / c.json.at("resolution_ms").get<double>())}};
    }
    take({"tau_plus", "lambda", "alpha"});
    p["tau_minus"] = c.json.at("tau_minus_ms");
    if (model == "stdp_pl_synapse_hom") {
        p["dependence"] = "power_law";
        p["mu_plus"] = given.at("mu");
    } else {
        take({"mu_plus", "mu_minus"});
        p["w_max"] = given.at("Wmax");
    }
    return {{"name", "stdp"}, {"parameters", p}};
}

// "each parrot repeats them 1.0 ms later"
std::vector<std::int64_t> ticks_of(const GoldenCase& c, const char* times) {
    std::vector<std::int64_t> ticks;
    for (const double t : c.json.at(times))
        ticks.push_back(std::llround((t + 1.0) / c.json.at("resolution_ms").get<double>()));
    return ticks;
}

// The source is an input; a second input makes the target fire at will, whatever the synapse
// brings.
json network_of(const GoldenCase& c) {
    const double dt = c.json.at("resolution_ms");
    auto synapse = [](int from, double weight) {
        return json{{"source", "in"},
                    {"target", "cell"},
                    {"topology", "sparse"},
                    {"synapses", {{from, 0}}},
                    {"weights", {{"distribution", "constant"}, {"value", weight}}}};
    };
    json plastic = synapse(0, c.json.at("synapse").at("weight"));
    plastic["name"] = "plastic";
    plastic["delay_ticks"] = std::lround(c.json.at("delay_ms").get<double>() / dt);
    plastic["rule"] = rule_of(c);
    json driver = synapse(1, 1e9);
    driver["name"] = "driver";
    driver["delay_ticks"] = 1;
    json populations = {
        {{"name", "in"}, {"size", 2}, {"neuron", "input"}},
        {{"name", "cell"},
         {"size", 1},
         {"neuron", "iaf_psc_delta"},
         {"parameters", {{"tau_m", 1}, {"t_ref", 0}, {"E_L", 0}, {"V_reset", 0}, {"V_th", 1e6}}}}};
    if (c.json.contains("dopamine_generator_ms")) {
        json events = json::array();
        for (const std::int64_t tick : ticks_of(c, "dopamine_generator_ms"))
            events.push_back({tick, 0});
        populations.push_back(
            {{"name", "dopamine"}, {"size", 1}, {"neuron", "spike_source"}, {"events", events}});
    }
    return {{"dt_ms", dt}, {"populations", populations}, {"projections", {plastic, driver}}};
}

// Runs a case; visit(engine, tick) after every tick.
template <class Visit>
void run(const GoldenCase& c, Visit visit) {
    const double dt = c.json.at("resolution_ms");
    const Network net(network(network_of(c)), 1);
    Engine engine(net);
    const auto pre = ticks_of(c, "pre_generator_ms"), post = ticks_of(c, "post_generator_ms");
    const auto end =
        std::llround(c.json.at("duration_ms").get<double>() / dt) + net.projections()[0].delay;
    std::size_t fired = 0;
    for (std::int64_t tick = 0; tick <= end; ++tick) {
        std::vector<std::uint32_t> now;
        if (std::ranges::find(pre, tick) != pre.end()) now.push_back(0);
        if (std::ranges::find(post, tick + 1) != post.end()) now.push_back(1);
        const InputSpikes input{0, now};
        engine.step(tick, {&input, 1});
        fired += engine.spikes(1).size();
        visit(engine, tick);
    }
    CHECK(fired == post.size());
}

void check_case(const GoldenCase& c) {
    CAPTURE(c.name);
    const double dt = c.json.at("resolution_ms");
    const auto delay = std::llround(c.json.at("delay_ms").get<double>() / dt);
    const auto pre = ticks_of(c, "pre_generator_ms");
    std::vector<std::pair<std::int64_t, double>> changes;
    double weight = c.json.at("synapse").at("weight");
    run(c, [&](const Engine& engine, std::int64_t tick) {
        const double next = engine.plastic(0)->weights()[0];
        if (next != weight) changes.emplace_back(tick - delay, next);
        weight = next;
    });
    // NEST was asked at the ends of slices: an entry is the weight after every spike of the source
    // until then. The first is the weight before any.
    const json& expected = c.json.at("weight_changes_time_ms_weight");
    CHECK(expected.size() > 10);
    for (const json& entry : expected) {
        const auto until = std::llround(entry[0].get<double>() / dt);
        CAPTURE(until);
        double seen = c.json.at("synapse").at("weight");
        for (const auto& [tick, changed] : changes)
            if (tick < until) seen = changed;
        CHECK(std::fabs(seen / entry[1].get<double>() - 1) <= 1e-5);
    }
    // And no change that NEST does not have.
    CHECK(changes.size() >= expected.size() - 1);
    CHECK(changes.size() <= pre.size());
}

// NEST brings the weight up to date at the end of every slice of 1 ms, without the source's spikes
// in it, and at those spikes as the next slice begins.
void check_modulated(const GoldenCase& c) {
    CAPTURE(c.name);
    const double dt = c.json.at("resolution_ms");
    const std::int64_t slice = std::llround(1.0 / dt);
    const auto delay = std::llround(c.json.at("delay_ms").get<double>() / dt);
    const auto pre = ticks_of(c, "pre_generator_ms");
    std::vector<double> at_end, with_all;  // by tick
    run(c, [&](const Engine& engine, std::int64_t tick) {
        auto read = [&](std::int64_t last_spike) {
            std::vector<std::int64_t> under_way;
            for (const std::int64_t t : pre)
                if (t > tick - delay && t <= last_spike) under_way.push_back(t);
            std::vector<float> weights;
            engine.plastic(0)->read_row(0, tick, {under_way, {}}, weights);
            return static_cast<double>(weights.at(0));
        };
        at_end.push_back(read(tick - slice));
        with_all.push_back(read(tick));
    });
    const json& expected = c.json.at("weight_changes_time_ms_weight");
    CHECK(expected.size() > 100);
    std::size_t at_spikes = 0;
    const double initial = expected[0][1], low = c.json.at("synapse_defaults").at("Wmin");
    double last = initial;
    for (const json& entry : expected) {
        const std::int64_t until = std::llround(entry[0].get<double>() / dt);
        CAPTURE(until);
        double seen = at_end.at(static_cast<std::size_t>(until));
        if (until % slice != 0 && until > slice) {
            const auto spike = *std::prev(std::ranges::upper_bound(pre, until / slice * slice));
            seen = with_all.at(static_cast<std::size_t>(spike));
            ++at_spikes;
        }
        // At a spike NEST goes back from the end of the slice, also where the way there was cut off
        // at the bound, and so finds a weight that never was.
        const double nest = entry[1], before = std::exchange(last, nest);
        if (until % slice != 0 && before == low) continue;
        // Weights are of single precision, so the error is that of the weight at the start.
        CHECK(std::fabs(seen - nest) <= 1e-5 * std::fabs(nest) + 2e-7 * initial);
    }
    CHECK(at_spikes > 10);
}

}  // namespace

TEST_CASE("synapses under a modulator agree with NEST on every golden case") {
    const auto cases = golden_cases(Golden::modulated);
    REQUIRE(!cases.empty());
    for (const GoldenCase& c : cases) check_modulated(c);
    MESSAGE(fmt::format("{} golden cases", cases.size()));
}

TEST_CASE("plastic synapses agree with NEST on every golden case") {
    const auto cases = golden_cases(Golden::plasticity);
    REQUIRE(!cases.empty());
    for (const GoldenCase& c : cases) check_case(c);
    MESSAGE(fmt::format("{} golden cases", cases.size()));
}
