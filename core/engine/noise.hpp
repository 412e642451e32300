// Independent Poisson events onto each neuron of a population: how many fall into a tick is drawn
// from 31 random bits by comparing them with the distribution's cumulative probabilities, without a
// branch or a division a neuron. The mean is exact to a millionth; where events are so rare that 31
// bits are too few, 32 more that a block of neurons shares round them up or down.
#pragma once

#include <cstdint>
#include <vector>

namespace synfire {

class Noise {
  public:
    // events_a_tick: the mean, at most 64.
    Noise(double events_a_tick, double weight);

    double weight() const { return weight_; }
    // Of the number of events a tick, as it is drawn.
    double mean() const;
    // input[k] = weight * number of events of neuron first + k at the tick, for k < count; first is
    // a multiple of 64. Returns the number of all events.
    std::uint64_t draw(std::uint64_t seed, std::int64_t tick, std::uint32_t first,
                       std::uint32_t count, double* input) const;

  private:
    double weight_;
    static constexpr int most_fine = 8;
    std::vector<std::int32_t> below_;  // so many events as entries lie below 31 random bits
    std::vector<std::uint32_t> rest_;  // of rare events: each entry is one less for so many of 2^32
};

}  // namespace synfire
