// One experiment on its way from a file to a trained network: what train and compare do alike.
#pragma once

#include <chrono>
#include <memory>

#include "cli/results_folder.hpp"
#include "cli/session.hpp"
#include "learning/training_run.hpp"

namespace synfire::cli {

class TrainingSession {
  public:
    // Builds the network and reads the recordings. Throws InputError. model: the experiment's file.
    TrainingSession(Experiment experiment, std::string model, const Options& options);

    const Experiment& experiment() const { return experiment_; }
    const std::string& model() const { return model_; }
    const InputData& data() const { return data_; }

    // Goes on with the training whose checkpoint is in the folder, in place of beginning anew.
    void resume(const std::string& folder);

    // Trains with a progress display until done or interrupted, keeping checkpoint, curves,
    // experiment and summary in the folder; results of an earlier training there are moved aside
    // unless it is gone on with. Returns the summary.
    nlohmann::json run(const ResultsFolder& folder);

  private:
    nlohmann::json summary(const TrainingResult& result, const std::string& folder) const;

    std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
    Experiment experiment_;
    std::string model_;
    unsigned threads_;
    Network network_;
    InputData data_;
    JsonPart provenance_;
    Trainer trainer_;
    Progress progress_;
    bool resumed_ = false;
};

}  // namespace synfire::cli
