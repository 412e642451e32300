// A network as its JSON describes it, checked: every name resolved, every parameter in range, the
// order of a tick known. What `network.hpp` builds from.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/problem.hpp"
#include "experiment/neuron_values.hpp"
#include "experiment/spike_schedule.hpp"
#include "json/json_part.hpp"
#include "plugins/registry.hpp"
#include "topologies/relay.hpp"

namespace synfire {

struct Form;

// How a population's silent neurons are treated: `tick` sweeps all of them every tick, `event`
// touches a neuron only when a spike reaches it.
enum class Integration { automatic, event, tick };

// Independent Poisson events onto each neuron of a population, all of one weight.
struct NoiseDescription {
    double rate_hz = 0, weight = 0;
};

struct PopulationDescription {
    std::string name;
    std::uint32_t size = 0;
    std::optional<MapShape> shape;
    const NeuronModel* model = nullptr;  // null: an input, a spike source or a relay
    std::vector<double> parameters;      // in the model's order
    // The parameters that differ from neuron to neuron, in place of those above; and what
    // variables begin with, where that is not what the model says. By index.
    std::vector<NeuronValues> each, initial;
    Integration integration = Integration::automatic;
    bool relay = false;          // has no neurons: hands on what a pooling brings
    float dropout = 0;           // chance that a neuron is silenced for a training sample
    bool dropout_scale = false;  // whether spikes of the others then count 1 / (1 - dropout)

    std::optional<NoiseDescription> noise;
    std::shared_ptr<const SpikeSchedule> schedule;  // of a spike source

    bool has_neurons() const { return model != nullptr; }
    // Whether its spikes come from outside: from the experiment's input, or from a schedule.
    bool is_input() const { return !model && !relay; }
    bool takes_input() const { return is_input() && !schedule; }
    // What one of its spikes counts for while it is trained with dropout.
    float value_in_training() const { return dropout_scale ? 1 / (1 - dropout) : 1.0f; }
    Extent extent() const { return {size, shape}; }
};

// A rule with its parameters, as a projection has it.
struct RuleChoice {
    const RuleModel* model = nullptr;
    std::vector<double> parameters;  // in the model's order
    // Of a rule that takes a modulator: what releases it.
    bool reward = false;          // the task, at the end of a sample
    std::int32_t modulator = -1;  // or the spikes of a population, so many ticks later
    std::uint32_t modulator_delay = 1;
};

// What says which part of its weight a spike delivers.
struct ReleaseChoice {
    const ReleaseModel* model = nullptr;
    std::vector<double> parameters;  // in the model's order
};

struct ProjectionDescription {
    std::string name;
    std::uint32_t source = 0, target = 0;  // populations
    std::uint32_t delay = 0;               // ticks
    bool bias = false;
    bool standardise = false;
    // The rule that its JSON names, and the one that training uses: that, or the training's.
    std::optional<RuleChoice> rule, training_rule;
    std::optional<ReleaseChoice> release;
    bool learn = true;  // whether training changes it
    JsonPart json;      // the projection's own object, completed: topology and weights
};

struct NetworkDescription {
    double dt_ms = 1;
    std::vector<PopulationDescription> populations;
    std::vector<ProjectionDescription> projections;
    // Populations in the order in which a tick advances them: along delay-0 projections.
    std::vector<std::uint32_t> order;

    // For each population, the projections that pool onto it: of relays alone, one each, or several
    // whose events add up.
    std::vector<std::vector<std::uint32_t>> poolings;
    // Whether it is a relay that has no spikes of its own: it hands on what others emit.
    bool hands_on(std::uint32_t population) const;
    // What such a relay hands on, each of a population that has spikes of its own.
    std::vector<HandedOn> handed_on(std::uint32_t population) const;
    // Whether it hands on several.
    bool adds(std::uint32_t population) const;
    // The population whose events it hands on, where these are of one alone, or itself.
    std::uint32_t emitter(std::uint32_t population) const;
    // How many neurons its events are of: its own, or those of all that it hands on.
    std::uint32_t emitting(std::uint32_t population) const;
    // What an event of a population counts for in training; of a relay, those that it hands on.
    float value_in_training(std::uint32_t population) const;

    // The population of that name, or -1.
    std::int32_t find(std::string_view name) const;
    std::vector<std::string> population_names() const;
};

// What a network file says instead of a plugin: spikes come from the experiment's input, from a
// list or file, or from a pooling.
inline constexpr std::string_view input_neuron = "input";
inline constexpr std::string_view spike_source_neuron = "spike_source";
inline constexpr std::string_view relay_neuron = "relay";

// What a projection names in place of a rule that leaves its weights as they are, in place of a
// release where every spike delivers its weight, and in place of a population that releases a
// modulator.
inline constexpr std::string_view no_rule = "none";
inline constexpr std::string_view no_release = "none";
inline constexpr std::string_view reward_modulator = "reward";

// Why a rule cannot stand at a projection onto that population, a sentence; "" where it can.
std::string refusal_of_rule(const RuleModel& rule, const PopulationDescription& post);

Form network_form(const PluginRegistry& plugins);

// Reads an object that network_form has completed. Adds what is wrong beyond the form (names that
// do not exist, sizes that do not fit, a cycle without delay) with pointers below `pointer`. To be
// used only if `problems` was empty before and after.
NetworkDescription read_network(const nlohmann::json& completed, const PluginRegistry& plugins,
                                const std::string& pointer, Problems& problems);

}  // namespace synfire
