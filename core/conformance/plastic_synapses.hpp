// The synapses of one source for a rule that writes weights, with the history of their targets and
// of a modulator as the engine would keep it.
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "conformance/columns.hpp"

namespace synfire::conformance {

class PlasticSynapses {
  public:
    static constexpr std::uint32_t count = 37, target_count = 48, depth = 64;
    static constexpr std::int32_t ticks = 400;

    // What happens in a run. A synapse is brought up to date at each spike of the source.
    struct Plan {
        std::uint32_t sample = 1;
        bool targets_fire = true;
        std::int32_t between = 0;     // and every so many ticks; 0: not
        std::uint32_t split = count;  // in two calls, the second from this synapse on
        std::int32_t far = 0;         // at the end, so many ticks more
    };

    PlasticSynapses(Subject& subject, const Instance& instance);

    void run(const Plan& plan);
    void append_to(Transcript& transcript) const;
    const std::vector<float>& initial() const { return initial_; }
    float weight(std::uint32_t k) const { return weights_[k]; }
    void require_finite() const;
    void require_range() const;

  private:
    void set_weights(std::uint32_t sample);
    void fire(std::uint32_t target, std::int32_t tick);
    void bring_up_to(std::int32_t tick, bool spike, const Plan& plan);
    void call(std::uint32_t from, std::uint32_t to, std::int32_t tick, bool spike);

    Subject& subject_;
    const Instance& instance_;
    const synfire_description& description_;
    double low_, high_;
    GuardedArray<std::uint32_t> targets_;
    GuardedArray<float> weights_;
    std::vector<float> initial_;
    std::vector<std::unique_ptr<GuardedArray<float>>> state_;  // by variable: PRE, SYNAPSE
    std::vector<std::unique_ptr<GuardedArray<float>>> post_;   // by variable: POST, depth x targets
    GuardedArray<std::int32_t> post_ticks_;
    std::vector<std::uint32_t> per_post_;  // variables of scope PER_POST
    std::vector<std::pair<std::int32_t, float>> modulation_;
    std::int32_t last_ = 0;
};

}  // namespace synfire::conformance
