// Running a network forward over a stretch of ticks with given input, skipping ticks at which
// nothing happens.
#pragma once

#include <functional>

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

struct SimulationHooks {
    // The first tick after the given one that has to be visited in any case, or Wheel::never.
    std::function<std::int64_t(std::int64_t)> next_tick;
    std::function<void(const Engine&, std::int64_t)> visited;
    std::function<bool()> stop;
};

// Advances the engine, freshly made or reset, from tick 0 to ticks - 1. Returns the number of ticks
// that are over, fewer than `ticks` only where hooks.stop said so.
std::int64_t simulate(Engine& engine, const InputStream* input, std::int64_t ticks,
                      const SimulationHooks& hooks);

}  // namespace synfire
