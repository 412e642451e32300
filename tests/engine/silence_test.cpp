// Neurons that fire at ticks at which nothing reaches them.
#include <doctest/doctest.h>

#include "engine/simulation.hpp"
#include "engine/wakes.hpp"
#include "support/experiments.hpp"

using namespace synfire;
using namespace synfire::testing;
using json = nlohmann::json;

namespace {

// The ticks at which neuron 0 of the second population fires.
std::vector<std::int64_t> spikes_of(const json& n, std::int64_t ticks, bool looks,
                                    std::uint64_t* visited = nullptr) {
    const Network net(network(n), 1);
    Simulation simulation(net);
    std::vector<std::int64_t> spikes;
    SimulationHooks hooks;
    hooks.reads_state = looks;
    if (looks) hooks.next_tick = [](std::int64_t tick) { return tick + 1; };
    hooks.visited = [&](const Simulation& at, std::int64_t tick) {
        if (!at.spikes(1).empty()) spikes.push_back(tick);
        std::vector<double> state;
        if (looks) at.read(1, 0, state);
    };
    simulation.run(nullptr, ticks, hooks);
    if (visited) *visited = simulation.counters().ticks_visited;
    return spikes;
}

json one_neuron(const char* model, json parameters, const char* integration, json events,
                double weight) {
    return {{"dt_ms", 0.1},
            {"populations",
             {{{"name", "source"}, {"size", 1}, {"neuron", "spike_source"}, {"events", events}},
              {{"name", "n"},
               {"size", 1},
               {"neuron", model},
               {"parameters", parameters},
               {"integration", integration}}}},
            {"projections",
             {{{"source", "source"},
               {"target", "n"},
               {"topology", "one_to_one"},
               {"weights", {{"distribution", "constant"}, {"value", weight}}}}}}};
}

}  // namespace

TEST_CASE("a constant current above rheobase fires at the ticks of the closed form") {
    // V_inf 20 mV, threshold 15 mV: 10 ms ln(20 / 5) = 13.863 ms to the first spike, and 2 ms more
    // from one to the next.
    for (const char* integration : {"auto", "event", "tick"})
        for (const bool looks : {false, true}) {
            CAPTURE(integration);
            const auto spikes = spikes_of(
                one_neuron("iaf_psc_delta", {{"I_e", 500}}, integration, json::array(), 1), 10000,
                looks);
            REQUIRE(spikes.size() == 63);
            CHECK(spikes[0] == 138);
            for (std::size_t k = 1; k < spikes.size(); ++k) CHECK(spikes[k] == spikes[k - 1] + 159);
        }
    std::uint64_t visited = 0;
    spikes_of(one_neuron("iaf_psc_delta", {{"I_e", 500}}, "event", json::array(), 1), 10000, false,
              &visited);
    CHECK(visited < 63 * 5);
    // The same, above threshold from the start.
    const json high = {{"E_L", -50}, {"V_reset", -60}, {"V_th", -55}, {"t_ref", 0}};
    CHECK(spikes_of(one_neuron("iaf_psc_delta", high, "event", json::array(), 1), 1000, false) ==
          spikes_of(one_neuron("iaf_psc_delta", high, "tick", json::array(), 1), 1000, false));
}

TEST_CASE("what a soft reset leaves above threshold fires again") {
    // Keeps 0.993307 a tick: 2.0 fires and leaves 1.4, then 1.3906, then 0.7853, then 0.1853.
    for (const char* integration : {"auto", "event", "tick"})
        for (const bool looks : {false, true}) {
            CAPTURE(integration);
            json parameters = {{"leak", 5}, {"threshold", 0.6}, {"reset", "soft"}};
            const json events = {{2, 0}};
            CHECK(spikes_of(one_neuron("lif", parameters, integration, events, 2), 30, looks) ==
                  std::vector<std::int64_t>{2, 3, 4});
            parameters["reset"] = "hard";
            CHECK(spikes_of(one_neuron("lif", parameters, integration, events, 2), 30, looks) ==
                  std::vector<std::int64_t>{2});
        }
}

TEST_CASE("wakes: the last word about a neuron counts") {
    Wakes wakes;
    wakes.reset(4, Wakes::never);
    CHECK(wakes.next() == Wakes::never);
    wakes.set(2, 10);
    wakes.set(1, 5);
    wakes.set(2, 3);
    CHECK(wakes.next() == 3);
    wakes.set(2, 10);  // as at first
    CHECK(wakes.next() == 5);
    wakes.set(1, Wakes::never);
    CHECK(wakes.next() == 10);
    std::vector<std::uint32_t> due;
    wakes.take(9, due);
    CHECK(due.empty());
    wakes.take(10, due);
    CHECK(due == std::vector<std::uint32_t>{2});
    CHECK(wakes.empty());
    wakes.reset(3, 7);
    wakes.set(0, 9);
    wakes.take(7, due);
    CHECK(due.size() == 2);
    CHECK(wakes.next() == 9);
}
