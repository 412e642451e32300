// Input of a population that is computed for several coming ticks at once: its biases and the first
// projection onto it, from an input whose spikes are known ahead. A row of weights is then loaded
// once for many spikes, and with enough ticks sums of rows are worth forming
// (kernels/row_plan.hpp). The ticks may be those of several samples.
#pragma once

#include <cstdint>
#include <span>

#include "base/matrix.hpp"
#include "network/network.hpp"

namespace synfire {

class PrecomputedInput {
  public:
    // Whether it is faster for a projection, the first onto its target.
    static bool pays_off(const Network& network, const Projection& first);
    explicit PrecomputedInput(const Projection& first);

    std::uint32_t source() const { return first_.source; }
    // The most ticks that are summed at once.
    std::uint32_t capacity() const { return capacity_; }

    // The source's spikes at the ticks from `from` on. biases: as long as a row of sums.
    void sum(std::int64_t from, std::span<const std::span<const std::uint32_t>> ticks,
             std::span<const float> biases);
    void clear() { to_ = from_; }
    // Tick `tick` is tick 0 from now on.
    void shift(std::int64_t tick) {
        from_ -= tick;
        to_ -= tick;
    }
    // The sums of a tick, to which others may be added; null where it was not precomputed.
    float* at(std::int64_t tick) {
        return tick >= from_ && tick < to_ ? sums_.row(static_cast<std::size_t>(tick - from_))
                                           : nullptr;
    }
    std::size_t bytes() const { return sums_.bytes(); }

  private:
    const Projection& first_;
    std::uint32_t capacity_;
    Matrix sums_;  // a row a tick
    std::int64_t from_ = 0, to_ = 0;
};

}  // namespace synfire
