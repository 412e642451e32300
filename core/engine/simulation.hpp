// Running a network forward over a stretch of ticks with given input, skipping ticks at which
// nothing happens.
//
// With several threads every population is cut into parts (engine.hpp), one a thread. Since no
// spike arrives before the shortest delay has passed, parts run that many ticks by themselves and
// then exchange their spikes. What a neuron receives is summed in the same order whatever the
// number of parts, so the spikes are the same, bit for bit. A network with a delay-0 projection or
// a topology that cannot be cut runs as one part.
#pragma once

#include <functional>
#include <memory>

#include "base/workers.hpp"
#include "engine/engine.hpp"

namespace synfire {

// The events that feed one input population, by tick.
class InputStream {
  public:
    virtual ~InputStream() = default;
    virtual std::uint32_t population() const = 0;
    virtual std::span<const std::uint32_t> at(std::int64_t tick) const = 0;
    // The first tick after `tick` that has events, or Wheel::never.
    virtual std::int64_t next_tick(std::int64_t tick) const = 0;
};

class Simulation;

struct SimulationHooks {
    // The first tick after the given one that has to be visited in any case, or Wheel::never.
    std::function<std::int64_t(std::int64_t)> next_tick;
    // After every visited tick. State and weights may be read only where reads_state is set.
    std::function<void(const Simulation&, std::int64_t)> visited;
    std::function<bool()> stop;
    bool reads_state = false;
};

class Simulation {
  public:
    // seed: of noise and of neurons that draw.
    explicit Simulation(const Network& network, std::uint64_t seed = 0, unsigned threads = 1);

    // Whom to tell what time is spent on: a worker a part.
    void set_profiler(Profiler& profiler);

    // From tick 0 to ticks - 1. Returns the number of ticks that are over, fewer than `ticks` only
    // where hooks.stop said so. To be called once.
    std::int64_t run(const InputStream* input, std::int64_t ticks, const SimulationHooks& hooks);

    // To be called when a run is over. Throws std::runtime_error where the state of a neuron has
    // become infinite or no number, after which it fires never or always.
    void require_finite() const;

    // Of the tick that hooks.visited is told of.
    std::span<const std::uint32_t> spikes(std::uint32_t population) const {
        return parts_.size() == 1 ? parts_[0]->spikes(population)
                                  : std::span<const std::uint32_t>((*shown_)[population]);
    }
    void read(std::uint32_t population, std::size_t variable, std::vector<double>& values) const;

    const Network& network() const { return network_; }
    std::size_t parts() const { return parts_.size(); }
    // Index of a population's variable by name, or -1.
    std::int32_t find_variable(std::uint32_t population, std::string_view name) const {
        return parts_[0]->find_variable(population, name);
    }
    Counters counters() const;
    // Bytes of weights that change while the network runs, and of what their rules look at.
    std::size_t plastic_bytes() const;
    // Of a projection whose weights change: the weights of some sources' synapses, source by source
    // and then by target, as they are when all that reaches a synapse until the last tick that is
    // over (or that hooks.visited is told of) has happened: spikes of its source at that tick, and
    // those of its target a delay before. Reading changes nothing.
    void read_weights(std::uint32_t projection, std::span<const std::uint32_t> sources,
                      std::vector<float>& weights) const;
    // Those of all sources; and visit(weight) for each of them, without a copy of all.
    std::vector<float> plastic_weights(std::uint32_t projection) const;
    void for_each_plastic_weight(std::uint32_t projection,
                                 const std::function<void(float)>& visit) const;
    // The last tick that is over, or -1.
    std::int64_t tick() const { return tick_; }
    std::size_t neuron_state_bytes() const;
    std::size_t queue_bytes() const;

  private:
    std::int64_t next_tick(const InputStream* input, const SimulationHooks& hooks,
                           std::int64_t last) const;
    void step(Engine& part, const InputStream* input, std::int64_t tick) const;
    // Each part's spikes of the ticks of a slice, by tick and population.
    using SliceSpikes = std::vector<std::vector<std::vector<std::uint32_t>>>;
    void run_part(std::size_t index, const InputStream* input, const SimulationHooks& hooks,
                  std::int64_t begin, std::int64_t end);
    void exchange(const SimulationHooks& hooks, std::int64_t begin, std::int64_t end);

    const Network& network_;
    Profile* profile_ = nullptr;  // of what is done between parts
    std::vector<std::unique_ptr<Engine>> parts_;
    std::int64_t slice_ = 1;  // ticks that parts run by themselves
    Workers workers_;
    std::vector<SliceSpikes> spikes_;                 // by part
    std::vector<std::vector<std::uint8_t>> visited_;  // by part and tick of the slice
    // All parts' spikes of the last slice, which each part sends on as it begins the next.
    SliceSpikes merged_;
    std::int64_t merged_begin_ = 0;
    const std::vector<std::vector<std::uint32_t>>* shown_ = nullptr;
    std::int64_t tick_ = -1;
    std::uint64_t ticks_visited_ = 0, ticks_over_ = 0;
};

}  // namespace synfire
