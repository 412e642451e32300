// How often each neuron of a population fired in one sample.
#pragma once

#include <algorithm>
#include <span>
#include <vector>

#include "learning/votes.hpp"

namespace synfire {

class SpikeCounts {
  public:
    explicit SpikeCounts(std::uint32_t neurons) : spikes_(neurons) {}

    void reset() { std::ranges::fill(spikes_, 0u); }
    void add(std::span<const std::uint32_t> fired) {
        for (const std::uint32_t i : fired) ++spikes_[i];
    }
    std::vector<Response> responses() const {
        std::vector<Response> responses;
        for (std::uint32_t i = 0; i < spikes_.size(); ++i)
            if (spikes_[i] > 0) responses.push_back({i, spikes_[i]});
        return responses;
    }

  private:
    std::vector<std::uint32_t> spikes_;
};

}  // namespace synfire
