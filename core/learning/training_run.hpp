// A whole training: epochs of batches, evaluation after each, curves and checkpoints on disk, and a
// stop at any batch that loses nothing.
#pragma once

#include <functional>
#include <string>

#include "learning/checkpoint.hpp"

namespace synfire {

struct InputData;

struct TrainingReport {
    std::uint32_t epoch, epochs;  // epoch: from 1
    std::uint32_t batch, batches;
    Score score;  // of the epoch so far
    double samples_per_s = 0;
    double seconds_left = 0;
    const CurveRow* finished = nullptr;  // set once an epoch is over
};

struct TrainingResult {
    Progress progress;
    Score test;                         // of the weights as they are now
    double train_seconds = 0;           // of this run's batches
    std::uint64_t trained_samples = 0;  // in this run
    bool interrupted = false;

    // Of the last whole epoch, if there is one.
    CurveRow last_epoch() const {
        return progress.curves.empty() ? CurveRow{} : progress.curves.back();
    }
};

struct TrainingHooks {
    std::function<bool()> stop;                         // asked between batches
    std::function<void(const TrainingReport&)> report;  // after every batch and epoch
};

// Goes on from `progress` to the experiment's last epoch. Writes folder/checkpoint.h5 and
// folder/curves.csv after every epoch and when stopped, and the weights that are recorded. Throws std::runtime_error where the
// training diverges; what was written last is then kept. Throws InputError where these recordings
// cannot have led to `progress`.
TrainingResult run_training(const Experiment& experiment, const nlohmann::json& provenance,
                            Network& network, Trainer& trainer, const InputData& data,
                            const std::string& folder, Progress progress,
                            const TrainingHooks& hooks);

}  // namespace synfire
