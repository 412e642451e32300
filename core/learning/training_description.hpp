// How a network is to be trained: the JSON's "training" object, checked.
#pragma once

#include <algorithm>
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "experiment/description.hpp"
#include "learning/augmentation.hpp"
#include "learning/decoder.hpp"
#include "learning/optimiser.hpp"
#include "learning/reward.hpp"
#include "plugins/registry.hpp"

namespace synfire {

struct Form;

// How the error at the output becomes the learning signal of a hidden population: carried back
// through the weights of the same tick (BP), by fixed random weights (DFA, Nokland 2016), by those
// from the error's sign alone (sDFA), or by random weights that change as those of the readout do
// (adaptive e-prop, Bellec et al. 2020).
enum class FeedbackKind { bp, dfa, sdfa, adaptive };

// The projection from a population to the readout whose changes adaptive feedback weights take:
// dense, without delay, learning along a gradient; -1 where there is none such.
std::int32_t readout_projection(const NetworkDescription& network, std::uint32_t readout,
                                std::uint32_t population);

// What is to become less, with its parameters.
struct LossChoice {
    const LossModel* model = nullptr;
    std::vector<double> parameters;  // in the model's order
};

struct TrainingDescription {
    RuleChoice rule;  // of every projection that learns and names none
    DecoderDescription decoder;
    // The population whose output is compared with the label; given where the decoder or a rule
    // that follows a gradient asks for it.
    std::optional<std::uint32_t> readout;
    // Further readouts, of coarser maps, that the loss judges each at its own scale.
    std::vector<std::uint32_t> heads;
    FeedbackKind feedback = FeedbackKind::bp;
    LossChoice loss;
    bool classes = true;       // whether recordings have one, by which answers are right or wrong
    std::uint32_t window = 0;  // ticks at a sample's end that have a learning signal (T_l)
    std::uint32_t epochs = 1;
    std::uint32_t batch = 1;
    OptimiserDescription optimiser;
    Augmentation augmentation;
    Reward reward;

    bool judges(std::uint32_t population) const {
        return readout == population || std::ranges::count(heads, population) > 0;
    }
};

// The readout's output, then that of each head, as errors have them one after the other.
struct JudgedOutput {
    std::uint32_t population;
    std::size_t first, size;
};
std::vector<JudgedOutput> judged_outputs(const NetworkDescription& network,
                                         const TrainingDescription& training);

Form training_form(const PluginRegistry& plugins);

// ticks: of a sample. input: the population that samples feed, or -1 where that is not known. Gives
// every projection the rule that trains it (ProjectionDescription::training_rule) and says whether
// any does (learn): a projection onto neurons that the training's rule cannot learn from, as they
// never spike, stays as it is.
TrainingDescription read_training(const nlohmann::json& completed, const PluginRegistry& plugins,
                                  NetworkDescription& network, std::uint32_t ticks,
                                  std::int32_t input, const std::string& pointer,
                                  Problems& problems);

// Throws InputError where a rule refuses its parameters or a projection that learns.
void check_rules(const NetworkDescription& network, const std::string& pointer);

// Whether a projection learns by a rule that writes a gradient.
bool follows_gradient(const ProjectionDescription& projection);
// Whether any learns by a rule that learns backward through the network, backward through each
// neuron alone, forward, or by one that writes weights.
struct RuleKinds {
    bool backward = false, local = false, forward = false, weights = false;
    // Whether a sample is recorded, to go back over.
    bool taped() const { return backward || local; }
};
RuleKinds rule_kinds(const NetworkDescription& network);

// Populations that training has to see at every tick: those that a learned projection feeds, and
// those further on, through which learning signals come back. Relays among them have no neurons.
std::vector<bool> trained_populations(const NetworkDescription& network);
// Those among them that have learning signals: fed by a rule that writes a gradient, or further on.
std::vector<bool> taught_populations(const NetworkDescription& network);

}  // namespace synfire
