// What a run's spikes come to.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/fingerprint.hpp"
#include "engine/simulation.hpp"

namespace synfire::cli {

// Spike counts, intervals between spikes, and the hash of all (tick, population, neuron) in order.
class SpikeTally {
  public:
    explicit SpikeTally(const Network& network);

    // To be called after every visited tick.
    void add(const Simulation& simulation, std::int64_t tick);

    std::uint64_t spikes(std::size_t population) const { return populations_[population].spikes; }
    std::uint64_t hash() const { return hash_.value(); }
    // Mean over neurons with at least three spikes of the coefficient of variation of their
    // intervals; nothing where there is none.
    std::optional<double> mean_cv(std::size_t population) const;

  private:
    struct Train {
        std::int64_t last = -1;
        std::uint32_t intervals = 0;
        double sum = 0, squares = 0;

        void add(std::int64_t tick);
        double cv() const;
    };
    struct OfPopulation {
        std::uint64_t spikes = 0;
        std::vector<Train> trains;
    };
    std::vector<OfPopulation> populations_;
    Fingerprint hash_;
};

}  // namespace synfire::cli
