// How a network is to be trained: the JSON's "training" object, checked.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "experiment/description.hpp"
#include "learning/augmentation.hpp"
#include "learning/optimiser.hpp"
#include "plugins/registry.hpp"

namespace synfire {

struct Form;

// How the error at the output becomes the learning signal of a hidden population: carried back
// through the weights of the same tick (BP), by fixed random weights (DFA, Nokland 2016), or by
// those from the error's sign alone (sDFA).
enum class FeedbackKind { bp, dfa, sdfa };

// Softmax cross-entropy of the output at each tick of the window, or of its sum over the window.
enum class LossKind { each_tick, of_sum };

struct TrainingDescription {
    const RuleModel* rule = nullptr;
    std::vector<double> rule_parameters;  // in the rule's order
    std::uint32_t readout = 0;            // population
    FeedbackKind feedback = FeedbackKind::bp;
    LossKind loss = LossKind::each_tick;
    std::uint32_t window = 0;  // ticks at a sample's end that have a learning signal (T_l)
    std::uint32_t epochs = 1;
    std::uint32_t batch = 1;
    OptimiserDescription optimiser;
    Augmentation augmentation;
};

Form training_form(const PluginRegistry& plugins);

// ticks: of a sample. input: the population that samples feed, or -1 where that is not known.
TrainingDescription read_training(const nlohmann::json& completed, const PluginRegistry& plugins,
                                  const NetworkDescription& network, std::uint32_t ticks,
                                  std::int32_t input, const std::string& pointer,
                                  Problems& problems);

// Throws InputError where the rule refuses its parameters or a projection that learns.
void check_rule(const TrainingDescription& training, const NetworkDescription& network,
                const std::string& pointer);

// Populations that training has to see at every tick: those that a learned projection feeds, and
// those further on, through which learning signals come back. Relays among them have no neurons.
std::vector<bool> trained_populations(const NetworkDescription& network);

}  // namespace synfire
