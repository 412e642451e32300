// The golden cases of NEST's integrate-and-fire neurons: nest_iaf_*. One neuron, spike trains with
// a weight and a delay each; the membrane potential after every tick, and when it fires.
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

json network_of(const GoldenCase& c) {
    const double dt = c.json.at("resolution_ms");
    const json& inputs = c.json.at("inputs");
    json n = {{"dt_ms", dt},
              {"populations",
               {{{"name", "in"}, {"size", inputs.size()}, {"neuron", "input"}},
                {{"name", "cell"},
                 {"size", 1},
                 {"neuron", c.json.at("model")},
                 {"parameters", c.json.at("parameters")}}}},
              {"projections", json::array()}};
    for (std::size_t k = 0; k < inputs.size(); ++k)
        n["projections"].push_back(
            {{"name", fmt::format("train {}", k)},
             {"source", "in"},
             {"target", "cell"},
             {"topology", "sparse"},
             {"synapses", {{k, 0}}},
             {"delay_ticks", std::lround(inputs[k].at("delay_ms").get<double>() / dt)},
             {"weights", {{"distribution", "constant"}, {"value", inputs[k].at("weight")}}}});
    return n;
}

void check_case(const GoldenCase& c) {
    CAPTURE(c.name);
    const double dt = c.json.at("resolution_ms");
    const json& inputs = c.json.at("inputs");
    const Network net(network(network_of(c)), 1);
    Engine engine(net);
    const auto expected = flattened(c.json.at("V_m_after_each_step_mV"));
    const double rest = c.json.at("parameters").at("E_L");
    std::vector<double> v, potential, spikes;
    double largest = 0;
    for (std::size_t step = 0; step < expected.size(); ++step) {
        // Tick 0 is NEST's first step, whose end is at dt.
        const auto tick = static_cast<std::int64_t>(step);
        std::vector<std::uint32_t> now;
        for (std::uint32_t k = 0; k < inputs.size(); ++k)
            for (const double t : inputs[k].at("times_ms"))
                if (std::llround(t / dt) == tick + 1) now.push_back(k);
        const InputSpikes input{0, now};
        engine.step(tick, {&input, 1});
        if (!engine.spikes(1).empty()) spikes.push_back(static_cast<double>(tick + 1) * dt);
        engine.read(1, 0, v);
        largest = std::max(largest, std::fabs((v[0] + rest - expected[step]) / expected[step]));
    }
    CHECK(largest <= 1e-9);
    const auto fired = flattened(c.json.at("spike_times_ms"));
    REQUIRE(spikes.size() == fired.size());
    for (std::size_t k = 0; k < fired.size(); ++k)
        CHECK(std::llround(spikes[k] / dt) == std::llround(fired[k] / dt));
    CHECK(!fired.empty());
}

}  // namespace

TEST_CASE("integrate-and-fire neurons agree with NEST on every golden case") {
    const auto cases = golden_cases(oracle_folder(), {"nest_iaf_"});
    REQUIRE(!cases.empty());
    for (const GoldenCase& c : cases) check_case(c);
    MESSAGE(fmt::format("{} golden cases", cases.size()));
}
