// The golden cases of NEST's plastic synapses: nest_stdp_*. One synapse; its weight after each
// spike of the source that changes it, and when.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <cmath>

#include "engine/engine.hpp"
#include "oracle/golden_case.hpp"
#include "support/environment.hpp"
#include "support/experiments.hpp"

using namespace synfire;
using namespace synfire::testing;
using json = nlohmann::json;

namespace {

json parameters_of(const GoldenCase& c) {
    const json& given = c.json.at("synapse_defaults");
    json p = {{"tau_plus", given.at("tau_plus")},
              {"tau_minus", c.json.at("tau_minus_ms")},
              {"lambda", given.at("lambda")},
              {"alpha", given.at("alpha")}};
    if (c.json.at("model") == "stdp_pl_synapse_hom") {
        p["dependence"] = "power_law";
        p["mu_plus"] = given.at("mu");
    } else {
        p["mu_plus"] = given.at("mu_plus");
        p["mu_minus"] = given.at("mu_minus");
        p["w_max"] = given.at("Wmax");
    }
    return p;
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
    plastic["rule"] = {{"name", "stdp"}, {"parameters", parameters_of(c)}};
    json driver = synapse(1, 1e9);
    driver["name"] = "driver";
    driver["delay_ticks"] = 1;
    return {{"dt_ms", dt},
            {"populations",
             {{{"name", "in"}, {"size", 2}, {"neuron", "input"}},
              {{"name", "cell"},
               {"size", 1},
               {"neuron", "iaf_psc_delta"},
               {"parameters",
                {{"tau_m", 1}, {"t_ref", 0}, {"E_L", 0}, {"V_reset", 0}, {"V_th", 1e6}}}}}},
            {"projections", {plastic, driver}}};
}

void check_case(const GoldenCase& c) {
    CAPTURE(c.name);
    const double dt = c.json.at("resolution_ms");
    const Network net(network(network_of(c)), 1);
    Engine engine(net);
    // "each parrot repeats them 1.0 ms later"
    auto ticks_of = [&](const char* times) {
        std::vector<std::int64_t> ticks;
        for (const double t : c.json.at(times)) ticks.push_back(std::llround((t + 1.0) / dt));
        return ticks;
    };
    const auto pre = ticks_of("pre_generator_ms"), post = ticks_of("post_generator_ms");
    const std::int64_t delay = net.projections()[0].delay;
    const auto end = std::llround(c.json.at("duration_ms").get<double>() / dt) + delay;
    std::vector<std::pair<std::int64_t, double>> changes;
    double weight = c.json.at("synapse").at("weight");
    std::size_t fired = 0;
    for (std::int64_t tick = 0; tick <= end; ++tick) {
        std::vector<std::uint32_t> now;
        if (std::ranges::find(pre, tick) != pre.end()) now.push_back(0);
        if (std::ranges::find(post, tick + 1) != post.end()) now.push_back(1);
        const InputSpikes input{0, now};
        engine.step(tick, {&input, 1});
        fired += engine.spikes(1).size();
        const double next = engine.plastic(0)->weights()[0];
        if (next != weight) changes.emplace_back(tick - delay, next);
        weight = next;
    }
    CHECK(fired == post.size());
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

}  // namespace

TEST_CASE("plastic synapses agree with NEST on every golden case") {
    const auto cases = golden_cases(Golden::plasticity);
    REQUIRE(!cases.empty());
    for (const GoldenCase& c : cases) check_case(c);
    MESSAGE(fmt::format("{} golden cases", cases.size()));
}
