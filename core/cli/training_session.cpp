#include "cli/training_session.hpp"

#include <fmt/format.h>

#include "base/note.hpp"
#include "base/peak_memory.hpp"
#include "cli/interrupt.hpp"
#include "cli/progress.hpp"
#include "learning/weight_history.hpp"
#include "synfire/simd.hpp"

namespace synfire::cli {

using json = nlohmann::json;
using Clock = std::chrono::steady_clock;

TrainingSession::TrainingSession(Experiment experiment, std::string model, const Options& options)
    : experiment_((require_training(experiment, model), std::move(experiment))),
      model_(std::move(model)),
      threads_(options.thread_count()),
      network_(build_network(experiment_)),
      data_(load_data(experiment_, options.data)),
      provenance_(provenance(experiment_, data_)),
      trainer_(network_, *experiment_.training, *experiment_.input, experiment_.seed, threads_) {
    if (data_.test.size() == 0) note("note: there are no test recordings, so nothing is tested");
}

void TrainingSession::resume(const std::string& folder) {
    progress_ =
        load_checkpoint(folder + "/checkpoint.h5", experiment_, *provenance_, network_, trainer_);
    for (const std::string& words : progress_.notes) note("note: " + words);
    resumed_ = true;
}

json TrainingSession::run(const ResultsFolder& results) {
    if (!resumed_)
        results.set_aside({"checkpoint.h5", "curves.csv", "experiment.json", "summary.json",
                           WeightHistory::file_name});
    const std::string& folder = results.path();
    write_json_file(folder + "/experiment.json", *experiment_.json);
    if (resumed_ && progress_.epoch >= experiment_.training->epochs)
        note(
            fmt::format("note: nothing is left to train: {} epochs are over, and {} are asked for; "
                        "--epochs asks for more",
                        progress_.epoch, experiment_.training->epochs));
    watch_for_interrupts();
    ProgressDisplay display;
    const TrainingHooks hooks{&interrupt_requested,
                              [&](const TrainingReport& report) { display.show(report); }};
    const TrainingResult result = run_training(experiment_, *provenance_, network_, trainer_, data_,
                                               folder, std::move(progress_), hooks);
    note_silent_voters(experiment_, trainer_.votes());
    const json s = summary(result, folder);
    write_json_file(folder + "/summary.json", s);
    return s;
}

json TrainingSession::summary(const TrainingResult& result, const std::string& folder) const {
    const CurveRow last = result.last_epoch();
    json s = network_json(network_);
    s.update(counters_json(trainer_.counters()));
    s.update(*provenance_);
    s.update(input_json(data_));
    s.update(flow_json(result.test, data_));
    s.update(json{
        {"experiment", experiment_.name},
        {"model", model_},
        {"rule", std::string(experiment_.training->rule.model->id())},
        {"decoder", experiment_.training->decoder.by_votes ? "votes" : "readout"},
        {"voters", trainer_.votes() ? json(trainer_.votes()->voters()) : json()},
        {"ticks", experiment_.ticks},
        {"window_ticks", experiment_.training->window},
        {"out", folder},
        {"seed", experiment_.seed},
        {"threads", threads_},
        {"isa", simd::name(simd::isa())},
        {"epochs", result.progress.epoch},
        {"interrupted", result.interrupted},
        {"test_accuracy", number_or_null(result.test.accuracy())},
        {"test_loss", number_or_null(result.test.mean_loss())},
        {"train_accuracy", number_or_null(last.train_accuracy)},
        {"train_loss", number_or_null(last.train_loss)},
        {"train_recordings", data_.train.size()},
        {"test_recordings", data_.test.size()},
        {"trained_samples", result.trained_samples},
        {"train_samples_per_s",
         result.trained_samples > 0 && result.train_seconds > 0
             ? json(static_cast<double>(result.trained_samples) / result.train_seconds)
             : json()},
        {"train_wall_s", result.train_seconds},
        {"wall_s", std::chrono::duration<double>(Clock::now() - start_).count()},
        {"learning_state_bytes", trainer_.learning_state_bytes()},
        {"neuron_state_bytes", trainer_.neuron_state_bytes()},
        {"gradient_bytes", trainer_.gradient_bytes()},
        {"optimiser_bytes", trainer_.optimiser_bytes()},
        {"samples_in_flight", trainer_.samples_in_flight()},
        {"peak_rss_bytes", peak_rss_bytes()},
    });
    return s;
}

}  // namespace synfire::cli
