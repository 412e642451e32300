// The synapses of one projection whose weights change while the network runs, onto one part of its
// target population: the weights, and the spikes of both sides that a plastic rule looks at
// (SYNFIRE_RULE_PLASTIC in abi.h).
//
// A row, the synapses of one source, is brought up to date when a spike of the source arrives, and
// otherwise only where its source has been silent for so long that nothing depends on when that is
// done. Who reads weights is given what they are by then, worked out on a copy: looking changes
// nothing.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "network/network.hpp"

namespace synfire {

class PlasticSynapses {
  public:
    static constexpr std::int64_t last_tick = std::int64_t{1} << 30;

    PlasticSynapses(const Projection& projection, Targets targets);

    // Element `target` of the part fires. Ticks do not fall.
    void post(std::uint32_t target, std::int64_t tick);
    // Where a weight is added: by its sign, where the targets tell excitation and inhibition apart
    // and the rule may make both.
    struct Receivers {
        Sums sums;
        std::optional<Sums> of_negative;
    };
    // Spikes of sources at a tick, whose effect is due now: their rows are brought up to date and
    // their weights added to the sums of the part.
    void arrive(std::span<const std::uint32_t> sources, std::int64_t tick,
                const Receivers& receivers);

    // Weights by source, then by target, each as its source's last spike that has arrived left it.
    std::span<const float> weights() const { return weights_; }
    // Appends the weights of a source's synapses, by target, as they are when all that reaches them
    // by `tick` has happened. under_way: the source's spikes until then that have not arrived yet,
    // in their order.
    void read_row(std::uint32_t source, std::int64_t tick, std::span<const std::int64_t> under_way,
                  std::vector<float>& weights) const;
    std::size_t bytes() const;

  private:
    static constexpr std::int32_t none = -(1 << 30);

    // Brings the first synapses of a row near, which are far away since rows are many.
    void fetch_start(std::uint32_t source) const;
    void update(std::uint32_t source, std::int32_t tick, bool spike);
    // What happened between two ticks is seen by the weights and the trace of a source.
    struct Stretch {
        std::int32_t from, to;
        bool spike;  // of the source, at the end
    };
    void see(std::uint32_t source, const Stretch& stretch, float* weights, float* trace) const;
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
