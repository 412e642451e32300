// The event queue and the delivery of spikes.
#include <benchmark/benchmark.h>

#include <algorithm>

#include "base/random.hpp"
#include "engine/wheel.hpp"
#include "topologies/topology.hpp"
#include "topologies/topology_type.hpp"

using namespace synfire;

namespace {

// Hold model: each batch that arrives sends another with a random delay of up to 200 ticks.
void wheel_hold(benchmark::State& state) {
    const auto pending = static_cast<std::uint32_t>(state.range(0));
    Wheel wheel(200);
    Random random(1, Stream::scene, 0, 0);
    const std::vector<std::uint32_t> spikes{1, 2, 3};
    wheel.take(0);
    for (std::uint32_t i = 0; i < pending; ++i) {
        const Wheel::Route route[] = {{0, 1 + random.below(200)}};
        wheel.put(0, spikes, route);
    }
    std::int64_t tick = 0;
    std::int64_t batches = 0;
    for (auto _ : state) {
        tick = wheel.next();
        const std::size_t arrived = wheel.take(tick).size();
        batches += static_cast<std::int64_t>(arrived);
        for (std::size_t i = 0; i < arrived; ++i) {
            const Wheel::Route route[] = {{0, 1 + random.below(200)}};
            wheel.put(tick, spikes, route);
        }
    }
    state.SetItemsProcessed(batches);
}
BENCHMARK(wheel_hold)->Arg(1000)->Arg(100000);

// Dense delivery of some of 1,000 sources to as many targets; items are synaptic events.
void deliver_dense(benchmark::State& state) {
    const auto& types = topology_types();
    const auto topology =
        std::ranges::find(types, "dense", &TopologyType::name)
            ->make({}, {1000, {}}, {static_cast<std::uint32_t>(state.range(0)), {}}, {});
    const Matrix weights = topology->make_weights();
    AlignedVector<float> input(padded(topology->post_count()));
    std::vector<std::uint32_t> spikes;
    for (std::uint32_t j = 0; j < 1000; j += 1000 / static_cast<std::uint32_t>(state.range(1)))
        spikes.push_back(j);
    for (auto _ : state) {
        topology->deliver(weights, spikes, input.data());
        benchmark::DoNotOptimize(input.data());
    }
    state.SetItemsProcessed(state.iterations() *
                            static_cast<std::int64_t>(topology->synapses(spikes)));
}
BENCHMARK(deliver_dense)->Args({450, 10})->Args({450, 50})->Args({1000, 50});

}  // namespace
