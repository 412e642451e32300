// A training's state on disk, enough to go on bit by bit as if it had not stopped: an HDF5 file,
// written whole or not at all.
//
//   experiment            the JSON of network, input, training and seed that it belongs to
//   provenance            the JSON of the recordings and plugins that it rests on
//   progress              epoch, batch, step, and the running sums of the epoch (doubles)
//   counters, curves
//   parameters/<name>     rows x columns
//   optimiser/<name>/{first,second}
//   feedback/<population> feedback   of adaptive feedback, with its part of optimiser/
//   votes/{population,recordings,spikes}   where votes decide: what was counted last, by class
#pragma once

#include <string>
#include <vector>

#include "learning/curves.hpp"
#include "learning/experiment.hpp"
#include "learning/provenance.hpp"
#include "learning/trainer.hpp"

namespace synfire {

struct InputData;

// Where a training stands: `batch` batches of epoch `epoch` (from 0) are done, `step` in all.
struct Progress {
    std::uint32_t epoch = 0;
    std::uint32_t batch = 0;
    std::uint64_t step = 0;
    Score score;         // of the epoch so far
    double seconds = 0;  // of the epoch so far
    std::vector<CurveRow> curves;
    // What could not be told about whether the training can go on so, a sentence each.
    std::vector<std::string> notes;
};

// provenance: of this training, as provenance() says it.
void save_checkpoint(const std::string& path, const Experiment& experiment,
                     const nlohmann::json& provenance, Network& network, Trainer& trainer,
                     const Progress& progress);

// Puts the checkpoint's parameters, optimiser memory and counters in place. Throws InputError where
// the file is no checkpoint, belongs to another network, to other training settings (only the
// number of epochs may differ), to other recordings or to another version of a plugin.
Progress load_checkpoint(const std::string& path, const Experiment& experiment,
                         const nlohmann::json& provenance, Network& network, Trainer& trainer);

// Only the parameters, for evaluation and runs: the network has to be the same but for its rules,
// other settings may differ.
// Returns sentences about plugins that differ from those of the training.
std::vector<std::string> load_parameters(const std::string& path, const Experiment& experiment,
                                         Network& network);

// Throws InputError where the labels of recordings mean other classes than in the training that the
// file is of.
void require_same_classes(const std::string& path, const InputData& data);

// The votes of the population that is to decide now; the training's other settings may differ.
// Throws InputError where the checkpoint has none of that population.
void load_votes(const std::string& path, const Experiment& experiment, Votes& votes);

}  // namespace synfire
