#include <doctest/doctest.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "base/hdf5_reader.hpp"
#include "base/random.hpp"
#include "engine/record.hpp"
#include "engine/simulation.hpp"
#include "support/environment.hpp"
#include "support/experiments.hpp"

using namespace synfire;
using namespace synfire::testing;
using json = nlohmann::json;

namespace {

// in -> a -> b in the same tick, b -> a after three ticks; every spike makes its target fire.
json chain() {
    return json::parse(R"({"populations": [
        {"name": "in", "size": 2, "neuron": "input"},
        {"name": "a", "size": 2, "neuron": "lif", "parameters": {"leak": 0, "threshold": 0.9}},
        {"name": "b", "size": 2, "neuron": "lif", "parameters": {"leak": 0, "threshold": 0.9}}],
        "projections": [
        {"source": "in", "target": "a", "topology": "one_to_one",
         "weights": {"distribution": "constant", "value": 1}},
        {"source": "a", "target": "b", "topology": "one_to_one",
         "weights": {"distribution": "constant", "value": 1}},
        {"source": "b", "target": "a", "topology": "one_to_one", "delay_ticks": 3,
         "weights": {"distribution": "constant", "value": 1}}]})");
}

class ListStream final : public InputStream {
  public:
    using Events = std::map<std::int64_t, std::vector<std::uint32_t>>;
    explicit ListStream(Events events) : events_(std::move(events)) {}
    std::uint32_t population() const override { return 0; }
    std::span<const std::uint32_t> at(std::int64_t tick) const override {
        const auto found = events_.find(tick);
        return found == events_.end() ? std::span<const std::uint32_t>() : found->second;
    }
    std::int64_t next_tick(std::int64_t tick) const override {
        const auto found = events_.upper_bound(tick);
        return found == events_.end() ? Wheel::never : found->first;
    }

  private:
    std::map<std::int64_t, std::vector<std::uint32_t>> events_;
};

using Raster = std::vector<std::tuple<std::int64_t, std::uint32_t, std::uint32_t>>;

Raster raster_of(const Network& network, const InputStream& input, std::int64_t ticks,
                 Counters* counters = nullptr) {
    Simulation simulation(network);
    Raster raster;
    SimulationHooks hooks;
    hooks.visited = [&](const Simulation& e, std::int64_t tick) {
        for (std::uint32_t p = 1; p < network.populations().size(); ++p)
            for (const std::uint32_t i : e.spikes(p)) raster.emplace_back(tick, p, i);
    };
    CHECK(simulation.run(&input, ticks, hooks) == ticks);
    if (counters) *counters = simulation.counters();
    return raster;
}

json with_integration(json network, const char* integration) {
    for (json& p : network["populations"])
        if (p["neuron"] != "input") p["integration"] = integration;
    return network;
}

}  // namespace

TEST_CASE(
    "layers without delay fire in the same tick, delayed ones later; idle ticks are skipped") {
    const Network net(network(chain()), 1);
    CHECK(net.populations()[1].by_event);
    Counters counters;
    const Raster raster =
        raster_of(net, ListStream(ListStream::Events{{10, {1}}}), 100000, &counters);
    REQUIRE(raster.size() > 4);
    CHECK(raster[0] == std::tuple{10, 1u, 1u});
    CHECK(raster[1] == std::tuple{10, 2u, 1u});
    CHECK(raster[2] == std::tuple{13, 1u, 1u});
    CHECK(raster[3] == std::tuple{13, 2u, 1u});
    CHECK(counters.ticks_visited + counters.ticks_skipped == 100000);
    CHECK(counters.ticks_visited == counters.spikes / 2);
    CHECK(counters.synaptic_events == counters.spikes / 2 * 2 + 0);
}

TEST_CASE("lazy and swept populations give the same spikes") {
    json n = chain();
    for (auto& p : n["populations"]) p["size"] = 50;
    n["projections"][2]["weights"]["value"] = 0.3;
    std::map<std::int64_t, std::vector<std::uint32_t>> events;
    Random random(1, Stream::scene, 0, 0);
    for (std::int64_t t = 0; t < 400; ++t)
        for (std::uint32_t i = 0; i < 50; ++i)
            if (random.uniform() < 0.02f) events[t].push_back(i);
    const ListStream input(events);
    const Network lazy(network(with_integration(n, "event")), 1);
    const Network swept(network(with_integration(n, "tick")), 1);
    Counters lazy_counters, swept_counters;
    const Raster a = raster_of(lazy, input, 1000, &lazy_counters);
    const Raster b = raster_of(swept, input, 1000, &swept_counters);
    CHECK(a.size() > 100);
    CHECK(a == b);
    CHECK(lazy_counters.ticks_visited < 500);
    CHECK(swept_counters.ticks_visited == 1000);
    CHECK(lazy_counters.neuron_updates < swept_counters.neuron_updates / 10);
}

TEST_CASE("reading a lazy neuron looks ahead without changing it") {
    json n = chain();
    n["projections"].erase(2);
    n["projections"][0]["weights"]["value"] = 0.8;  // below the threshold
    const Network net(network(n), 1);
    Engine engine(net);
    const std::uint32_t neuron[] = {0};
    const InputSpikes input{0, neuron};
    engine.step(0, {&input, 1});
    std::vector<double> u;
    engine.read(1, 0, u);
    CHECK(u[0] == doctest::Approx(0.8));
    engine.step(3, {});
    engine.read(1, 0, u);
    CHECK(u[0] == doctest::Approx(0.8 / 8));
    engine.read(1, 0, u);
    CHECK(u[0] == doctest::Approx(0.8 / 8));
    engine.step(4, {&input, 1});
    engine.read(1, 0, u);
    CHECK(u[0] == doctest::Approx(0.8 / 16 + 0.8));
    engine.reset();
    engine.step(0, {});
    engine.read(1, 0, u);
    CHECK(u[0] == 0);
}

TEST_CASE("a membrane follows u = decay u + I and both resets") {
    for (const char* reset : {"soft", "hard"}) {
        json n = chain();
        n["populations"][1]["parameters"] = {{"leak", 1.0}, {"threshold", 1.0}, {"reset", reset}};
        n["projections"] = json::array({n["projections"][0]});
        n["projections"][0]["weights"]["value"] = 0.7;
        const Network net(network(with_integration(n, "tick")), 1);
        Engine engine(net);
        const std::uint32_t neuron[] = {0};
        const InputSpikes input{0, neuron};
        double u = 0;
        const double decay = 1 / (1 + std::exp(-1.0));
        std::vector<double> seen;
        for (int t = 0; t < 20; ++t) {
            engine.step(t, {&input, 1});
            u = decay * u + 0.7;
            const bool fired = u > 1;
            if (fired) u = std::string(reset) == "soft" ? u - 1 : 0;
            engine.read(1, 0, seen);
            CHECK(seen[0] == doctest::Approx(u).epsilon(1e-5));
            CHECK(engine.spikes(1).size() == (fired ? 1 : 0));
        }
    }
}

TEST_CASE("recorders write spikes and state as HDF5 and as CSV") {
    const json record = {{"spikes", {"a", "b"}},
                         {"state", {{{"population", "a"}, {"variable", "u"}, {"every_ticks", 5}}}}};
    for (const char* format : {"hdf5", "csv"}) {
        json e = {{"network", chain()}, {"record", record}};
        e["input"] = {{"format", "spikes"}, {"population", "in"}, {"ticks", 11}};
        e["input"]["events"] = json::array();
        e["record"]["format"] = format;
        const Experiment experiment = synfire::testing::experiment(e);
        const Network net(experiment.network, 1);
        const std::string folder = scratch_folder();
        Recorder recorder(experiment.record, net, folder);
        Simulation simulation(net);
        SimulationHooks hooks;
        hooks.reads_state = true;
        hooks.next_tick = [&](std::int64_t tick) { return recorder.next_tick(tick); };
        hooks.visited = [&](const Simulation& e2, std::int64_t tick) { recorder.record(e2, tick); };
        const ListStream input(ListStream::Events{{2, {0, 1}}});
        simulation.run(&input, 11, hooks);
        recorder.close();
        if (std::string(format) == "hdf5") {
            Hdf5Reader file(folder + "/record.h5");
            CHECK(file.whole_numbers("/spikes/b/tick") ==
                  std::vector<std::uint64_t>{2, 2, 5, 5, 8, 8});
            CHECK(file.whole_numbers("/spikes/b/neuron") ==
                  std::vector<std::uint64_t>{0, 1, 0, 1, 0, 1});
            CHECK(file.whole_numbers("/state/a/u/tick") == std::vector<std::uint64_t>{0, 5, 10});
            CHECK(file.shape("/state/a/u/values") == std::vector<std::uint64_t>{3, 2});
        } else {
            std::stringstream text;
            text << std::ifstream(folder + "/spikes-b.csv").rdbuf();
            CHECK(text.str() == "tick,neuron\n2,0\n2,1\n5,0\n5,1\n8,0\n8,1\n");
            CHECK(std::filesystem::exists(folder + "/state-a-u.csv"));
        }
    }
}

TEST_CASE("a recorder's unknown population and variable are reported") {
    const json e = {
        {"network", chain()},
        {"record", {{"spikes", {"c"}}, {"state", {{{"population", "a"}, {"variable", "v"}}}}}}};
    const std::string text = problems_of(e);
    CHECK(text.find("/record/spikes/0: There is no population 'c'") != text.npos);
    CHECK(text.find("/record/state/0/variable: 'a' has no variable 'v'; it has 'u'.") != text.npos);
}

TEST_CASE("spikes known ahead, of this sample and of the next, are summed for many ticks at once") {
    constexpr std::uint32_t inputs = 900, targets = 75, ticks = 60;
    const json description = {{"populations",
                               {{{"name", "in"}, {"size", inputs}, {"neuron", "input"}},
                                {{"name", "a"},
                                 {"size", targets},
                                 {"neuron", "lif"},
                                 {"parameters", {{"leak", 2}, {"threshold", 0.3}}}}}},
                              {"projections",
                               {{{"source", "in"}, {"target", "a"}, {"bias", true}},
                                {{"source", "a"}, {"target", "a"}, {"delay_ticks", 2}}}}};
    const Network network(synfire::testing::network(description), 1);

    // Few spikes are added one by one, many in groups.
    for (const float density : {0.01f, 0.3f}) {
        CAPTURE(density);
        Random random(1, Stream::weights, 0, 0);
        std::vector<std::vector<std::uint32_t>> spikes(2 * ticks);
        for (auto& of_tick : spikes)
            for (std::uint32_t j = 0; j < inputs; ++j)
                if (random.uniform() < density) of_tick.push_back(j);
        const std::vector<std::span<const std::uint32_t>> lists(spikes.begin(), spikes.end());

        // Input and spikes of every tick of two samples; 0 at once: nothing is told ahead.
        struct Course {
            std::vector<float> input;
            std::vector<std::size_t> spikes;
            std::uint64_t macs;
        };
        auto course = [&](std::size_t at_once) {
            Engine engine(network);
            REQUIRE(engine.precomputable_ticks(0) >= 2 * ticks);
            Course course;
            std::size_t precomputed = 0;
            for (std::size_t k = 0; k < lists.size(); ++k) {
                const auto t = static_cast<std::uint32_t>(k % ticks);
                if (k == ticks) engine.reset_for_next();
                if (at_once > 0 && k == precomputed) {
                    const std::size_t count = std::min(at_once, lists.size() - k);
                    engine.precompute_input(0, t, std::span(lists).subspan(k, count));
                    precomputed += count;
                }
                const InputSpikes input{0, lists[k]};
                engine.step(t, {&input, 1});
                course.input.insert(course.input.end(), engine.input(1), engine.input(1) + targets);
                course.spikes.push_back(engine.spikes(1).size());
            }
            CHECK(engine.counters().spikes > 0);
            course.macs = engine.counters().macs_forward;
            return course;
        };
        const Course plain = course(0);
        for (const std::size_t at_once :
             {std::size_t{1}, std::size_t{7}, std::size_t{50}, lists.size()}) {
            CAPTURE(at_once);
            const Course told = course(at_once);
            CHECK(told.spikes == plain.spikes);
            CHECK(told.macs == plain.macs);
            float worst = 0;
            for (std::size_t i = 0; i < plain.input.size(); ++i)
                worst = std::max(worst, std::fabs(told.input[i] - plain.input[i]));
            CHECK(worst < 1e-5f);
        }
    }
    Engine engine(network);
    const std::vector<std::uint32_t> all = {0, 1, 2};
    const std::vector<std::span<const std::uint32_t>> lists = {all, all};
    engine.precompute_input(0, 0, lists);
    engine.step(0, {});
    const float precomputed = engine.input(1)[0];
    engine.reset();  // and the second tick is forgotten
    engine.step(0, {});
    CHECK(engine.input(1)[0] != precomputed);
}
