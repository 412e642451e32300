// The kernels of simulation: delivery in each form that synapses are kept in, noise, neurons, and
// plastic rows. Items are synaptic events, draws and neuron updates.
#include <benchmark/benchmark.h>

#include "base/random.hpp"
#include "engine/engine.hpp"
#include "engine/noise.hpp"
#include "engine/plastic.hpp"
#include "json/form.hpp"
#include "plugins/registry.hpp"

using namespace synfire;
using json = nlohmann::json;

namespace {

constexpr std::uint32_t cells = 10000, degree = 1000, firing = 32;

const PluginRegistry& plugins() {
    static const PluginRegistry registry({SYNFIRE_PLUGIN_FOLDER});
    return registry;
}

// `cells` neurons, each with `degree` synapses from the others.
Network network_with(json projection) {
    json p = {{"source", "c"},
              {"target", "c"},
              {"topology", "sparse"},
              {"in_degree", degree},
              {"delay_ticks", 15}};
    p.update(projection);
    json n = {{"dt_ms", 0.1},
              {"populations", {{{"name", "c"}, {"size", cells}, {"neuron", "iaf_psc_delta"}}}},
              {"projections", {p}}};
    Problems problems;
    check_and_complete(network_form(plugins()), n, "", problems);
    NetworkDescription description = read_network(n, plugins(), "", problems);
    if (!problems.empty()) throw InputError(problems);
    return Network(description, 1);
}

std::vector<std::uint32_t> some_sources() {
    std::vector<std::uint32_t> sources;
    for (std::uint32_t j = 0; j < cells; j += cells / firing) sources.push_back(j);
    return sources;
}

void deliver(benchmark::State& state, const json& weights) {
    const Network network = network_with({{"weights", weights}});
    const Projection& p = network.projections()[0];
    const auto sources = some_sources();
    std::vector<double> input(cells);
    for (auto _ : state) {
        p.topology->deliver_to(p.synapse_weights(), sources, {input.data()}, {0, cells});
        benchmark::DoNotOptimize(input.data());
    }
    state.SetItemsProcessed(state.iterations() *
                            static_cast<std::int64_t>(p.topology->synapses(sources)));
}
void deliver_bits(benchmark::State& state) {
    deliver(state, {{"distribution", "constant"}, {"value", 0.1}});
}
BENCHMARK(deliver_bits);
void deliver_list(benchmark::State& state) {
    deliver(state, {{"distribution", "uniform"}, {"low", 0.1}, {"high", 0.1}});
}
BENCHMARK(deliver_list);

void noise(benchmark::State& state) {
    const Noise source(2.0, 0.1);
    std::vector<double> input(cells);
    std::int64_t tick = 0;
    for (auto _ : state) benchmark::DoNotOptimize(source.draw(1, tick++, 0, cells, input.data()));
    state.SetItemsProcessed(state.iterations() * cells);
}
BENCHMARK(noise);

void plastic_rows(benchmark::State& state) {
    const Network network =
        network_with({{"weights", {{"distribution", "constant"}, {"value", 0.1}}},
                      {"rule", {{"name", "stdp"}, {"parameters", {{"w_max", 0.2}}}}}});
    PlasticSynapses synapses(network.projections()[0], {0, cells});
    Random random(1, Stream::scene, 0, 0);
    std::vector<double> input(cells);
    std::int64_t tick = 0, events = 0;
    std::vector<std::uint32_t> sources;
    for (auto _ : state) {  // each cell fires at 32 Hz
        sources.clear();
        for (std::uint32_t j = 0; j < cells; ++j)
            if (random.uniform() < 0.0032f) sources.push_back(j);
        for (const std::uint32_t j : sources) synapses.post(j, tick);
        synapses.arrive({sources, {}}, tick, {nullptr, {input.data()}, std::nullopt});
        events += static_cast<std::int64_t>(sources.size()) * degree;
        ++tick;
    }
    state.SetItemsProcessed(events);
}
BENCHMARK(plastic_rows);

void neurons(benchmark::State& state) {
    json n = {
        {"dt_ms", 0.1},
        {"populations",
         {{{"name", "c"}, {"size", cells}, {"neuron", "iaf_psc_delta"}, {"integration", "tick"}}}}};
    Problems problems;
    check_and_complete(network_form(plugins()), n, "", problems);
    const Network network(read_network(n, plugins(), "", problems), 1);
    Engine engine(network);
    std::int64_t tick = 0;
    for (auto _ : state) engine.step(tick++, {});
    state.SetItemsProcessed(state.iterations() * cells);
}
BENCHMARK(neurons);

}  // namespace
