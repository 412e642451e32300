// One running copy of a network, or of a part of every population: its neurons' state, the spikes
// under way, and the tick.
//
// Parts of one network run side by side (engine/simulation.hpp): each has its own share of every
// population's neurons and all spikes that reach them. A part does not send its own neurons' spikes
// on; whoever runs the parts puts those of all of them together and hands them to each (arrive).
//
// Order inside a tick (docs/architecture.md): for each population along the delay-0 projections,
// sum its input (bias first, then the arriving spikes by projection, each in ascending order of its
// source), advance its neurons, compare with the threshold, and send its spikes on. A neuron's
// stored state changes only when it is advanced: never because somebody looked.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/lazy_neurons.hpp"
#include "engine/noise.hpp"
#include "engine/plastic.hpp"
#include "engine/precomputed_input.hpp"
#include "engine/releases.hpp"
#include "engine/state.hpp"
#include "engine/wakes.hpp"
#include "engine/wheel.hpp"
#include "kernels/frontier.hpp"
#include "network/network.hpp"
#include "profile/counters.hpp"
#include "profile/profile.hpp"
#include "topologies/bit_rows.hpp"

namespace synfire {

// The spikes of an input population at one tick: ascending neurons.
struct InputSpikes {
    std::uint32_t population;
    std::span<const std::uint32_t> neurons;
};

// Part `index` of `count`.
struct Part {
    static constexpr std::uint32_t block = BitRows::block;
    std::uint32_t index = 0, count = 1;

    // Its share of a population: whole blocks of neurons.
    Targets of(std::uint32_t size) const;
};

class Engine {
  public:
    // wants_psi: for each population, whether its secondary activation is asked for. seed: of the
    // network's noise and of neurons that draw.
    explicit Engine(const Network& network, std::vector<bool> wants_psi = {},
                    std::uint64_t seed = 0, Part part = {});

    // Back to the state before tick 0; counters stay.
    void reset();
    // The same, but input precomputed for ticks after the last one is kept; the first of them is
    // now tick 0.
    void reset_for_next();

    // From the next tick on, the seed of noise and of neurons that draw.
    void set_seed(std::uint64_t seed) { seed_ = seed; }

    // Advances the network by one tick. Ticks grow; between two calls none may be left out that
    // next_tick() names.
    void step(std::int64_t tick, std::span<const InputSpikes> inputs);

    // For how many ticks at once the input from an input population is best computed; 0: one by
    // one.
    std::uint32_t precomputable_ticks(std::uint32_t input) const;
    // Computes the input from an input population whose spikes at the ticks from `first` on, at
    // most precomputable_ticks, are known. step() is to be given the same spikes at these, and
    // weights must not change meanwhile. Results are those of step() alone up to the order of
    // additions.
    void precompute_input(std::uint32_t input, std::int64_t first,
                          std::span<const std::span<const std::uint32_t>> ticks);

    // The spikes of a population at a tick that is over, all parts' together, are sent on. Nothing
    // may have been due from them by the last tick stepped to.
    void arrive(std::uint32_t population, std::int64_t tick, std::span<const std::uint32_t> spikes);

    // The last tick, or -1.
    std::int64_t tick() const { return tick_; }

    // The first tick after the last one at which something happens without new input.
    std::int64_t next_tick() const;

    // Of the last tick: spikes of a population (of this part's neurons), spikes that arrived
    // through a projection, Psi.
    std::span<const std::uint32_t> spikes(std::uint32_t population) const {
        return units_[population].spikes;
    }
    std::span<const std::uint32_t> arrivals(std::uint32_t projection) const {
        return arrivals_[projection];
    }
    const float* psi(std::uint32_t population) const { return psi(population, tick_); }
    // Psi of one of the last ticks, of as many as are kept.
    const float* psi(std::uint32_t population, std::int64_t tick) const {
        const AlignedVector<float>& psi = units_[population].psi;
        return psi.data() + psi_place(psi, tick);
    }
    // Keeps Psi of so many ticks; one, if never called.
    void keep_psi(std::uint32_t ticks);
    std::size_t psi_bytes() const;
    // The output of a population that never spikes and is swept: its first variable.
    const float* output(std::uint32_t population) const {
        return units_[population].state.front().column<float>(0);
    }

    // 1 for each neuron whose spikes count, 0 for each that is silenced until the next reset;
    // empty, as after a reset, where none is.
    AlignedVector<float>& dropout_mask(std::uint32_t population) {
        return units_[population].dropout_mask;
    }
    const AlignedVector<float>& dropout_mask(std::uint32_t population) const {
        return units_[population].dropout_mask;
    }
    // Of a population that is swept: state columns, in the order of the neuron's variables, and the
    // summed input of the last tick.
    const StateColumns& state(std::uint32_t population) const {
        return units_[population].state.front();
    }
    const float* input(std::uint32_t population) const { return units_[population].summed; }
    // The same of one that sums in double precision, whose input() is null.
    std::span<const double> input64(std::uint32_t population) const {
        return units_[population].input64;
    }

    // A variable of every neuron of this part at the last tick; neurons that are lazily kept are
    // looked ahead to it on a copy.
    void read(std::uint32_t population, std::size_t variable, std::vector<double>& values) const;
    // A neuron of this part whose state is infinite or no number (StateColumns::find_diverged).
    struct DivergedNeuron {
        std::uint32_t neuron;
        std::string variable;
        double value;
    };
    std::optional<DivergedNeuron> find_diverged(std::uint32_t population) const;
    // Index of a population's variable by name, or -1.
    std::int32_t find_variable(std::uint32_t population, std::string_view name) const;

    // Whether rules that write weights do so, to be said before a reset; at first they do.
    void set_plastic(bool on) { plastic_on_ = on; }
    // Brings their weights up to the last tick, spikes that are still under way included, and
    // releases the reward where one is taken.
    void finish_plastic(float reward);
    // The synapses of a projection whose rule writes weights, onto this part; null for others.
    const PlasticSynapses* plastic(std::uint32_t projection) const {
        return plastic_[projection] ? &*plastic_[projection] : nullptr;
    }

    // visit(tick of arrival, spikes) for what is under way through a projection.
    void for_each_under_way(std::uint32_t projection, const Wheel::UnderWayVisitor& visit) const {
        wheel_.for_each_under_way(projection, visit);
    }

    // Whom to tell what time is spent on; null: nobody.
    void set_profile(Profile* profile) { profile_ = profile; }

    const Network& network() const { return network_; }
    Counters& counters() { return counters_; }
    std::size_t neuron_state_bytes() const;
    std::size_t queue_bytes() const { return wheel_.bytes(); }

  private:
    // Where Psi of a tick begins.
    std::size_t psi_place(const AlignedVector<float>& psi, std::int64_t tick) const {
        return static_cast<std::size_t>(tick) % psi_ticks_ * (psi.size() / psi_ticks_);
    }

    // What a population needs beside its description.
    struct Unit {
        Targets targets{0, 0};
        std::uint32_t count() const { return targets.end - targets.begin; }
        std::vector<StateColumns> state;  // one, or none for an input or a lazily kept population
        AlignedVector<float> input, psi, dropout_mask;
        float* summed = nullptr;  // input of the last tick: `input`, or precomputed
        AlignedVector<double> input64, inhibitory64;  // of neurons that sum in double precision
        std::optional<Noise> noise;
        std::vector<std::uint32_t> fired;      // room for spikes, those of the last tick first
        std::span<std::uint32_t> spikes;       // of the last tick
        std::vector<std::uint32_t> incoming;   // projections, ascending
        std::vector<Wheel::Route> delayed;     // outgoing projections with a delay
        std::vector<std::uint32_t> modulates;  // projections whose rules its spikes modulate
        std::optional<LazyNeurons> lazy;       // of a lazily kept population, in place of `state`
        Wakes wakes;                           // of one whose neurons may fire without input
        std::vector<std::uint32_t> due, asked, silent;  // neurons to visit; places and answers
        // Whom single-precision projections, or a relay's pooling, reach.
        Frontier frontier;
        std::vector<std::uint32_t> reached;
        bool emits_elsewhere = false;  // a relay of another population's events
        AlignedVector<float> gathered;  // single-precision input of lazily kept neurons touched
        std::optional<PrecomputedInput> precomputed;  // of the first of `incoming`
    };

    void reset_state();
    void take_input(Unit& unit, std::uint32_t population, std::span<const InputSpikes> inputs);
    void relay(Unit& unit, std::uint32_t population);
    void add_biases(const Unit& unit, float* input) const;
    void gather(Unit& unit, const Population& population, std::uint32_t number);
    void gather_double(Unit& unit, std::uint32_t number);
    ScaledSpikes scaled_arrivals(std::uint32_t projection);
    void count_events(std::uint32_t projection, std::uint64_t events, Span& span);
    std::uint64_t seed_of(std::uint32_t population) const;
    void advance(Unit& unit, const Population& population, std::uint32_t number);
    void advance_all(Unit& unit, const Population& population, std::uint32_t number);
    void advance_touched(Unit& unit, const Population& population, std::uint32_t number);
    void reset_wakes();
    void touch_due(Unit& unit);
    void ask_silence(Unit& unit, const Population& population, const synfire_neuron_slice& some);
    synfire_neuron_slice slice(Unit& unit, std::uint32_t count, std::uint32_t number) const;

    const Network& network_;
    std::uint64_t seed_;
    Part part_;
    std::vector<Unit> units_;
    std::vector<std::span<const std::uint32_t>> arrivals_;
    std::vector<std::optional<PlasticSynapses>> plastic_;  // by projection
    std::vector<std::optional<Releases>> releases_;        // by projection
    void load_state(Unit& unit);
    void make_plastic();
    void reset_plastic();
    void send_on(std::uint32_t population, std::int64_t tick,
                 std::span<const std::uint32_t> spikes);
    bool plastic_on_ = true;
    std::vector<const SpikeSchedule*> schedules_;  // of spike sources
    Wheel wheel_;
    bool sweeps_ = false;
    std::uint32_t psi_ticks_ = 1;
    std::int64_t tick_ = -1;
    Counters counters_;
    Profile* profile_ = nullptr;
};

}  // namespace synfire
