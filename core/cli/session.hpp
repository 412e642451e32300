// What train, eval and run make of an experiment before they begin: the built network, the data,
// and the facts about them that every summary has.
#pragma once

#include <functional>

#include "cli/command.hpp"
#include "learning/input.hpp"
#include "learning/trainer.hpp"
#include "network/network.hpp"

namespace synfire::cli {

// Runs body; problems of an experiment that it throws as InputError are said to be in that file.
void in_file(const std::string& file, const std::function<void()>& body);

// Throws InputError with the place of a plugin's refusal: population and JSON pointer.
Network build_network(const Experiment& experiment);

// Reads the experiment's recordings; checks labels against the readout where it is trained. What
// was passed over is noted on standard error.
InputData load_data(const Experiment& experiment, const std::string& data_folder);

// Says on standard error where no neuron has a vote, and so no recording a class.
void note_silent_voters(const Experiment& experiment, const Votes* votes);

// The experiment where a command cannot do without input or training. Throws InputError.
void require_training(const Experiment& experiment, const std::string& model);

// Summary entries: network sizes, integrations, what became of the recordings' events, and
// counters.
nlohmann::json network_json(const Network& network);
nlohmann::json input_json(const InputData& data);
// How far flows are from the true ones of the test: the score's, and those of the training's mean.
nlohmann::json flow_json(const Score& score, const InputData& data);
// The same as a line's words.
std::string flow_text(const nlohmann::json& flow);
nlohmann::json counters_json(const Counters& counters);

// What was not measured is null, and a dash where people read it.
nlohmann::json number_or_null(const std::optional<double>& value);
std::string accuracy_text(const nlohmann::json& accuracy);

}  // namespace synfire::cli
