// A built network: populations with their plugin instances, projections with their topologies and
// weights. Immutable while it runs; any number of engines may share it. Training changes the
// parameters between batches and then calls refresh().
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/matrix.hpp"
#include "base/random.hpp"
#include "experiment/description.hpp"
#include "experiment/instances.hpp"
#include "kernels/grouped_weights.hpp"
#include "plugins/instance.hpp"
#include "topologies/topology.hpp"

namespace synfire {

struct Projection {
    // Where events come from: the population that the network's file names, or the one whose events
    // that relay hands on.
    std::uint32_t source;
    std::uint32_t target, delay;
    std::string name;
    bool learn;
    // Onto double-precision neurons: the weight of all synapses, or those that the network's file
    // lists, in double precision; `weights` is then empty. Plastic ones begin with these.
    std::optional<double> one_weight;
    std::span<const double> listed;
    std::vector<double> loaded;  // those of `listed` where they come from a file
    // Of weights that a rule writes while the network runs: the rule, and what releases its
    // modulator; else null.
    std::unique_ptr<RuleInstance> rule;
    std::int32_t modulator = -1;  // population
    std::uint32_t modulator_delay = 0;
    bool takes_reward = false;
    // What part of its weight a spike delivers; null: all of it.
    std::unique_ptr<ReleaseInstance> release;
    // Onto neurons that tell the signs of weights apart: whether all are below 0, or there are, or
    // learning may make, weights of both signs. A weight of 0 counts as one above.
    bool inhibits = false, both_signs = false;
    bool carries_back = false;  // whether learning signals go through it to its source
    // Whether these come back apart for weights below 0 and for others.
    bool carries_back_by_sign = false;
    std::unique_ptr<Topology> topology;
    // What an event counts for in training, by dropout; and now (Network::value_events).
    float value_in_training = 1, value = 1;
    Matrix weights;     // as they are learned
    Matrix bias;        // one row, or empty
    Matrix gain;        // one row where the weights are standardised, or empty
    Matrix effective;   // what spikes meet, where that is not `weights` themselves
    Matrix transposed;  // `used` as backproject wants it, or empty
    // Where signals come back by sign: the weights that are not below 0, and those that are, each
    // with zeros in the others' places, and as backproject wants them.
    struct Side {
        Matrix weights, transposed;
    };
    std::array<Side, 2> sides;

    GroupedWeights grouped;  // of `used`, where and while it is worth it

    SynapseWeights synapse_weights() const {
        if (one_weight) return {nullptr, nullptr, *one_weight};
        if (!listed.empty()) return {nullptr, listed.data(), 0};
        return {&weights, nullptr, 0};
    }
    // Puts listed weights into the matrix.
    void round_listed();
    // Whether changes by a rule that writes weights can take effect at once: every synapse has a
    // weight of its own, which spikes meet as it is.
    bool changes_at_once() const {
        return topology->kernel_shape().empty() && &topology->own() == topology.get() &&
               effective.rows == 0;
    }
    bool has_bias() const { return bias.rows > 0; }
    bool standardises() const { return gain.rows > 0; }
    // The weights that spikes meet.
    const Matrix& used() const { return effective.rows > 0 ? effective : weights; }
    BackwardWeights backward(std::span<const std::uint32_t> pre_spikes) const {
        return {used(), transposed, pre_spikes};
    }
    // Whether it has weights that feed the one or the other input of neurons that tell signs apart;
    // others have one input, for weights of any sign.
    bool feeds(bool inhibitory) const { return both_signs || inhibits == inhibitory; }
    // What the derivatives at that input go back through.
    BackwardWeights backward_from(bool inhibitory,
                                  std::span<const std::uint32_t> pre_spikes) const {
        if (!both_signs) return backward(pre_spikes);
        return {sides[inhibitory].weights, sides[inhibitory].transposed, pre_spikes};
    }

    // The factor between the weights, standardised or not, and those that spikes meet.
    float amplitude() const { return topology->amplitude() * value; }

    // Whether its weights can be grouped, and it may be worth it.
    bool gains_from_groups() const {
        constexpr std::uint32_t narrow = 128;  // columns: as quickly added as found
        return !release && topology->has_row_per_source() && topology->gains_from_many() &&
               weights.columns > narrow;
    }
    // What spikes bring (Topology::deliver).
    void deliver(std::span<const std::uint32_t> spikes, float* input) const {
        if (grouped.empty())
            topology->deliver(used(), spikes, input);
        else
            grouped.deliver(spikes, input);
    }
    // Bytes of weights, and of what says where synapses lie, that a synaptic event reads.
    double bytes_per_event() const;
    // Makes the columns begin..end-1 (multiples of 16) of `effective` anew from the weights.
    void refresh(std::uint32_t begin, std::uint32_t end);
    // Says whether learning signals go through it.
    void carry_back(bool does) {
        carries_back = does;
        transposed = {};
        sides = {};
        transpose();
    }
    // Makes `transposed` and `sides` anew from `used`.
    void transpose();
};

// About how many weights and synapses are made where a network is built.
double amount_to_build(const NetworkDescription& description);

struct Population {
    PopulationDescription description;
    std::unique_ptr<NeuronInstance> neuron;  // null for an input
    bool by_event = false;                   // how the integration was resolved
    std::string by_event_reason;             // a clause, for reports
    std::vector<InitialValues> initial;      // what its neurons begin with, beside the model's word
    // What the neurons begin every sample and run with of the variables that are kept: a row each.
    std::vector<std::uint32_t> kept_variables;
    Matrix kept;
    // When neurons that are kept lazily may fire without input.
    std::uint32_t fires_alone = SYNFIRE_ALONE_NEVER;

    // Of a relay that adds: the events that it can hand on, which are more than its neurons.
    std::uint32_t size() const { return description.size; }
};

// A learned array, by name: "hidden->readout weight", "... bias", "... gain".
struct Parameter {
    std::string name;
    Matrix* value;
};

class Network {
  public:
    // Throws InputError where a plugin refuses its parameters. `swept`: populations that someone
    // (training, a recorder) has to see at every tick, so `auto` integration resolves to `tick`;
    // where they are given, the network is to be trained: listed weights are rounded to the
    // precision that learned ones have, and rules are those of the training.
    Network(NetworkDescription description, std::uint64_t seed,
            const std::vector<bool>& swept = {});

    const NetworkDescription& description() const { return description_; }
    const std::vector<Population>& populations() const { return populations_; }
    std::vector<Population>& populations() { return populations_; }
    const std::vector<Projection>& projections() const { return projections_; }
    std::vector<Projection>& projections() { return projections_; }

    // Every array that training changes along a gradient, in a fixed order.
    std::vector<Parameter> learned();
    // Every array that makes up the network's state of knowledge, for checkpoints.
    std::vector<Parameter> parameters();

    // Makes everything that derives from the learned weights anew.
    void refresh();
    // Rounds listed weights to single precision and makes them parameters, as training has them.
    void round_listed();
    // From now on events count for what they do in training, or for one, as at the beginning.
    void value_events(bool in_training);

    std::size_t weight_bytes() const;
    // Synapses of all projections, and the bytes of their weights and of what says where they lie.
    std::uint64_t synapse_count() const;
    std::size_t synapse_bytes() const;
    std::uint64_t parameter_count() const;
    // 64-bit FNV-1a over the bits of every parameter.
    std::uint64_t fingerprint() const;

  private:
    void build_population(const PopulationDescription& description, std::uint64_t seed, bool swept);
    void build_projection(const ProjectionDescription& description, std::uint64_t seed,
                          bool in_training, bool swept_source);
    void set_weights(Projection& projection, const ProjectionDescription& description,
                     bool as_matrix, Random random) const;
    void check_range(const Projection& projection, const RuleModel& rule,
                     std::uint32_t index) const;
    static void find_sign(Projection& projection);
    void resolve_integration(Population& population, std::uint32_t index, bool swept) const;
    static void append(std::vector<Parameter>& list, Projection& projection);

    NetworkDescription description_;
    std::vector<Population> populations_;
    std::vector<Projection> projections_;
};

}  // namespace synfire
