// What a population receives first at each of several coming ticks: its biases and what one
// projection from an input brings whose spikes are known ahead. Summed for all these ticks at once,
// a row of weights is read from afar once for many spikes, and with enough ticks sums of rows are
// worth forming (network/row_plan.hpp). The ticks may be those of several samples.
#pragma once

#include <cstdint>
#include <span>

#include "base/matrix.hpp"
#include "network/network.hpp"

namespace synfire {

class Foreseen {
  public:
    // Whether a projection, the first onto its target, is worth it.
    static bool suits(const Network& network, const Projection& first);
    explicit Foreseen(const Projection& first);

    std::uint32_t source() const { return first_.source; }
    // The most ticks that are summed at once.
    std::uint32_t capacity() const { return capacity_; }

    // The source's spikes at the ticks from `from` on. biases: as long as a row of sums.
    void sum(std::int64_t from, std::span<const std::span<const std::uint32_t>> ticks,
             std::span<const float> biases);
    void forget() { to_ = from_; }
    // Tick `tick` is now tick 0.
    void count_from(std::int64_t tick) {
        from_ -= tick;
        to_ -= tick;
    }
    // The sums of a tick, to which others may be added; null where it was not foreseen.
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
