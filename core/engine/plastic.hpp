// The synapses of one projection whose weights change while the network runs, onto one part of its
// target population: the weights, and the spikes of both sides that a plastic rule looks at
// (SYNFIRE_RULE_PLASTIC in abi.h).
//
// A row, the synapses of one source, is brought up to date when a spike of the source arrives, and
// otherwise only so often that spikes of targets need not be remembered without end.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "network/network.hpp"

namespace synfire {

class PlasticSynapses {
  public:
    PlasticSynapses(const Projection& projection, Targets targets);

    // Element `target` of the part fires. Ticks do not fall.
    void post(std::uint32_t target, std::int64_t tick);
    // Spikes of sources at a tick, whose effect is due now: their rows are brought up to date and
    // their weights added to the sums of the part.
    void arrive(std::span<const std::uint32_t> sources, std::int64_t tick, const Sums& sums);

    // Weights by source, then by target.
    std::span<const float> weights() const { return weights_; }
    std::size_t bytes() const;

  private:
    static constexpr std::int32_t none = -(1 << 30);

    // Brings the first synapses of a row near, which are far away since rows are many.
    void fetch_start(std::uint32_t source) const;
    void update(std::uint32_t source, std::int32_t tick, bool spike);
    void update_old_rows(std::int32_t now);
    void deepen();

    const Projection& projection_;
    std::uint32_t count_;  // targets of the part
    std::int32_t memory_;
    std::int32_t next_sweep_;  // tick at which rows long out of date are looked for
    std::vector<std::uint32_t> begin_;
    AlignedVector<std::uint32_t> targets_;
    AlignedVector<float> weights_;
    std::vector<std::int32_t> last_;  // by source: up to which tick the row is up to date
    std::vector<float> trace_;        // by source
    std::uint32_t depth_ = 4;
    std::vector<std::int32_t> post_ticks_;  // [depth][target], the last spike first
    std::vector<float> post_traces_;
};

}  // namespace synfire
