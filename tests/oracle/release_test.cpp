// The golden cases of NEST's synapses with short-term plasticity: nest_tsodyks2_*. What each spike
// of one source delivers, through every form in which weights onto double-precision neurons are
// kept, and in single precision.
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

// What arrives at a neuron that forgets within a tick, by tick.
std::vector<double> delivered(const GoldenCase& c, json how, json neuron) {
    const double dt = c.json.at("resolution_ms");
    const json& given = c.json.at("synapse_defaults");
    CHECK(given.at("u") == given.at("U"));
    CHECK(given.at("x") == 1.0);
    json events = json::array();
    std::int64_t last = 0;
    for (const double t : c.json.at("pre_generator_ms")) {
        last = std::llround((t + 1.0) / dt);  // a parrot repeats it 1.0 ms later
        events.push_back({last, 0});
    }
    json projection = {{"source", "pre"},
                       {"target", "cell"},
                       {"delay_ticks", std::lround(c.json.at("delay_ms").get<double>() / dt)},
                       {"release",
                        {{"name", "tsodyks_markram"},
                         {"parameters",
                          {{"U", given.at("U")},
                           {"tau_rec", given.at("tau_rec")},
                           {"tau_fac", given.at("tau_fac")}}}}}};
    projection.update(how);
    neuron["name"] = "cell";
    neuron["size"] = 1;
    const json pre = {{"name", "pre"}, {"size", 1}, {"neuron", "spike_source"}, {"events", events}};
    const Network net(
        network({{"dt_ms", dt}, {"populations", {pre, neuron}}, {"projections", {projection}}}), 1);
    Engine engine(net);
    std::vector<double> seen, potential;
    const std::int64_t end = last + 100;
    for (std::int64_t tick = 0; tick < end; ++tick) {
        engine.step(tick, {});
        engine.read(1, 0, potential);
        seen.push_back(potential[0]);
    }
    return seen;
}

void check_release(const GoldenCase& c, const json& how, const json& neuron, double tolerance) {
    CAPTURE(c.name);
    CAPTURE(how.dump());
    const std::vector<double> seen = delivered(c, how, neuron);
    const double dt = c.json.at("resolution_ms");
    const auto delay = std::llround(c.json.at("delay_ms").get<double>() / dt);
    const json& expected = c.json.at("delivered_time_ms_weight");
    CHECK(expected.size() > 20);
    std::vector<double> all(seen.size());
    for (const json& entry : expected)
        all.at(static_cast<std::size_t>(std::llround(entry[0].get<double>() / dt) + delay)) =
            entry[1];
    for (std::size_t t = 0; t < seen.size(); ++t)
        CHECK(std::fabs(seen[t] - all[t]) <= tolerance * std::max(1.0, all[t]));
}

}  // namespace

TEST_CASE("short-term plasticity agrees with NEST on every golden case") {
    const auto cases = golden_cases(Golden::release);
    REQUIRE(!cases.empty());
    const json exact = {
        {"neuron", "iaf_psc_delta"},
        {"parameters", {{"tau_m", 1e-5}, {"t_ref", 0}, {"E_L", 0}, {"V_reset", 0}, {"V_th", 1e6}}}};
    json lazy = exact;
    lazy["integration"] = "event";
    const json single = {{"neuron", "leaky_readout"}, {"parameters", {{"leak", -20}}}};
    for (const GoldenCase& c : cases) {
        const json weights = {{"distribution", "constant"},
                              {"value", c.json.at("synapse").at("weight")}};
        const json one = {{"weights", weights}},
                   same = {{"topology", "one_to_one"}, {"weights", weights}},
                   listed = {{"topology", "sparse"},
                             {"synapses", {{0, 0, c.json.at("synapse").at("weight")}}}},
                   bits = {{"topology", "sparse"}, {"in_degree", 1}, {"weights", weights}};
        for (const json& how : {one, same, listed, bits}) {
            check_release(c, how, exact, 1e-9);
            check_release(c, how, lazy, 1e-9);
        }
        // With a rule that leaves the weight as it is.
        json plastic = listed;
        plastic["rule"] = {{"name", "stdp"}, {"parameters", {{"lambda", 0}, {"w_max", 1000}}}};
        check_release(c, plastic, exact, 1e-9);
        for (const json& how : {one, same, listed}) check_release(c, how, single, 1e-6);
    }
    MESSAGE(fmt::format("{} golden cases", cases.size()));
}
