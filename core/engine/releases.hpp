// What part of their weights the spikes through one projection deliver: the state of its release
// (synfire_release in abi.h), a neuron of the source population each, and when that fired last.
// Every part of a network has its own, since all spikes arrive at every part.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "engine/state.hpp"
#include "network/network.hpp"

namespace synfire {

class Releases {
  public:
    explicit Releases(const Projection& projection);

    // Back to before tick 0.
    void reset();
    // Of spikes of sources, ascending, that arrive at a tick. Ticks grow. Valid until the next
    // call.
    ScaledSpikes arrive(std::span<const std::uint32_t> sources, std::int64_t tick);
    std::size_t bytes() const;

  private:
    const ReleaseInstance& release_;
    StateColumns state_;
    std::vector<std::int64_t> last_;  // by source: tick of its last arrival, or -1
    std::vector<std::uint32_t> ticks_;
    std::vector<double> factors_;
};

}  // namespace synfire
