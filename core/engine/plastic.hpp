// The synapses of one projection whose rule writes weights (SYNFIRE_RULE_WRITES_WEIGHTS in abi.h),
// onto one part of its target population: the weights, the rule's state, and the spikes of both
// sides that the rule looks at.
//
// A row, the synapses of one source, is brought up to date when a spike of the source arrives, and
// otherwise at fixed ticks where its source has been silent for long. Who reads weights is given
// what they are by then, worked out on a copy: looking changes nothing.
//
// Where a rule changes nothing at synapses whose targets have not fired, and few have since the
// beginning, it is shown the synapses onto these alone.
//
// Where every synapse has a weight of its own, changes take effect at once. Where weights are
// shared by synapses (a kernel, a pooling in front) or standardised, spikes meet the weights that
// the projection has, and changes are added up for each of them until they are asked for.
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

    // Back to the projection's weights, before tick 0.
    void reset();
    // Whether changes take effect at once, so that spikes are delivered here.
    bool at_once() const { return at_once_; }

    // Element `target` of the part fires. Ticks do not fall.
    void post(std::uint32_t target, std::int64_t tick);
    // What the modulator releases, and when it reaches the synapses.
    struct Modulation {
        std::int64_t tick;
        float amount;
    };
    // What spikes of a population at a tick release.
    Modulation modulation_by(std::size_t spikes, std::int64_t tick) const {
        return {tick + projection_.modulator_delay, static_cast<float>(spikes)};
    }
    // Known by a tick, after all other events until then. Ticks do not fall.
    void modulate(std::int64_t known, Modulation modulation);
    // Where a weight is added: in single precision; or in double, by its sign where the targets
    // tell excitation and inhibition apart.
    struct Receivers {
        float* single = nullptr;
        Sums sums;
        std::optional<Sums> of_negative;
    };
    // Spikes of sources at a tick, whose effect is due now: their rows are brought up to date and,
    // where changes take effect at once, their weights are added, times factors if there are any.
    void arrive(const ScaledSpikes& spikes, std::int64_t tick, const Receivers& receivers);
    // The same of spikes that no target will see any more.
    void see_spikes(std::span<const std::uint32_t> sources, std::int64_t tick) {
        for (const std::uint32_t j : sources) update(j, static_cast<std::int32_t>(tick), true);
    }
    // Brings every row up to a tick, without spikes that have not arrived.
    void finish(std::int64_t tick);
    // changes, in the form of the projection's weights, += what has changed since the reset.
    void add_changes(Matrix& changes) const;

    // Weights by source, then by target, each as its source's last spike that has arrived left it;
    // of synapses with weights of their own.
    std::span<const float> weights() const { return weights_; }
    // Appends the weights of a source's synapses, by target, as they are when all that reaches them
    // by `tick` has happened, what is under way included.
    struct UnderWay {
        // The source's spikes until then that have not arrived yet, and modulations that have not
        // been handed to modulate, both in their order.
        std::span<const std::int64_t> spikes;
        std::span<const Modulation> modulations;
    };
    void read_row(std::uint32_t source, std::int64_t tick, const UnderWay& under_way,
                  std::vector<float>& weights) const;
    std::size_t bytes() const;

  private:
    static constexpr std::int32_t none = -(1 << 30);
    static constexpr std::size_t most_variables = 8;

    // The rule's variables of one scope: their numbers among all and initial values.
    struct Variables {
        std::vector<std::uint32_t> numbers;
        std::vector<float> initial;
        std::size_t size() const { return numbers.size(); }
    };
    // What a row is brought up to date in.
    struct Place {
        float* weights;
        const std::uint32_t* targets;
        std::uint32_t count;
        float* pre;                      // a value a variable
        float* synapse[most_variables];  // of variables a synapse
    };
    // What happened between two ticks.
    struct Stretch {
        std::int32_t from, to;
        bool spike;  // of the source, at the end
    };

    // In ascending order.
    struct Modulations {
        std::vector<std::int32_t> ticks;
        std::vector<float> amounts;
        void add(const Modulation& modulation) {
            ticks.push_back(static_cast<std::int32_t>(modulation.tick));
            amounts.push_back(modulation.amount);
        }
        void clear() {
            ticks.clear();
            amounts.clear();
        }
        void erase_until(std::int32_t tick);
    };

    void find_variables();
    void list_synapses(Targets targets);
    const std::uint32_t* targets_of(std::uint32_t source) const;
    void load_shared(std::uint32_t source);
    void deliver(std::uint32_t source, const Receivers& receivers) const;
    void deliver_scaled(std::uint32_t source, double factor, const Receivers& receivers) const;
    void fetch_start(std::uint32_t source) const;
    Place place_of(std::uint32_t source);
    bool few_fired() const;
    void update_few(std::uint32_t source, std::int32_t tick, bool spike);
    void update(std::uint32_t source, std::int32_t tick, bool spike);
    void see(const Stretch& stretch, const Place& place, const Modulations& modulations) const;
    void sweep_until(std::int32_t now);
    void deepen();

    const Projection& projection_;
    Targets part_;
    std::uint32_t count_;  // targets of the part
    bool at_once_, to_all_;
    std::int32_t delay_, memory_;
    std::int32_t next_sweep_;  // tick at which rows long out of date are brought up to date
    Variables pre_, post_, synapse_;
    std::vector<std::size_t> begin_;
    AlignedVector<std::uint32_t> targets_;  // by synapse, or once where a source reaches all
    AlignedVector<float> weights_;
    std::vector<AlignedVector<float>> synapse_state_;  // by variable
    std::vector<std::int32_t> last_;  // by source: up to which tick it is up to date
    std::vector<float> pre_state_;    // [source][variable]
    std::uint32_t depth_ = 4;
    std::vector<std::int32_t> post_ticks_;        // [depth][target], the last spike first
    std::vector<std::vector<float>> post_state_;  // by variable, laid out alike
    Modulations modulations_;
    std::vector<std::uint32_t> fired_;  // targets that have, in the order of their first spikes
    std::vector<float> few_weights_;    // of one row's synapses onto these
    // Of shared weights: what a row's synapses are, and the changes.
    std::vector<std::uint32_t> row_, column_, row_targets_;
    std::vector<float> before_, after_;
    Matrix changes_;
};

}  // namespace synfire
