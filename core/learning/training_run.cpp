#include "learning/training_run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "learning/input.hpp"
#include "learning/weight_history.hpp"

namespace synfire {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
}

class Run {
  public:
    Run(const Experiment& experiment, const nlohmann::json& provenance, Network& network,
        Trainer& trainer, const InputData& data, const std::string& folder, Progress progress,
        const TrainingHooks& hooks)
        : experiment_(experiment),
          provenance_(provenance),
          training_(*experiment.training),
          network_(network),
          trainer_(trainer),
          data_(data),
          folder_(folder),
          hooks_(hooks),
          history_(experiment.record.weights, network, folder),
          batches_(static_cast<std::uint32_t>((data.train.size() + training_.batch - 1) /
                                              training_.batch)) {
        result_.progress = std::move(progress);
        const Progress& at = result_.progress;
        if (at.batch > batches_ || at.step != std::uint64_t{at.epoch} * batches_ + at.batch)
            throw InputError(fmt::format(
                "The checkpoint in {} stands at batch {} of epoch {} after {} changes of the "
                "weights, and {} recordings make {} batches an epoch; those that it was trained on "
                "are expected.",
                folder, at.batch, at.epoch + 1, at.step, data.train.size(), batches_));
        if (at.step > 0) {
            kept_ = "the one that was gone on from";
            history_.resume(at.epoch);
        }
    }

    TrainingResult run() {
        try {
            return train();
        } catch (const Diverged& error) {
            const Progress& at = result_.progress;
            throw std::runtime_error(fmt::format(
                "The training diverged in epoch {}, {}: {}. {} A smaller /training/optimiser/rate "
                "or smaller initial weights may help.",
                at.epoch + 1,
                at.batch < batches_ ? fmt::format("batch {} of {}", at.batch + 1, batches_)
                                    : "in its test",
                error.what(),
                kept_.empty() ? std::string("No epoch was finished, so there is no checkpoint.")
                              : fmt::format("The checkpoint in {} is {}.", folder_, kept_)));
        }
    }

  private:
    TrainingResult train() {
        Progress& at = result_.progress;
        trainer_.require_finite();
        if (at.batch == 0) history_.record(at.epoch);
        bool evaluated = false;
        while (at.epoch < training_.epochs && !result_.interrupted) {
            run_epoch();
            if (at.batch < batches_) {
                result_.interrupted = true;
                break;
            }
            finish_epoch();
            evaluated = true;
            save();
            history_.record(at.epoch);
        }
        if (result_.interrupted) {
            trainer_.count_votes(data_.train);
            save();
        }
        if (!evaluated) result_.test = trainer_.evaluate(data_.test);
        return std::move(result_);
    }

    bool stopped() const { return hooks_.stop && hooks_.stop(); }

    void run_epoch() {
        Progress& at = result_.progress;
        const std::vector<std::uint32_t> order = trainer_.order(data_.train.size(), at.epoch);
        const std::uint64_t steps = std::uint64_t{batches_} * training_.epochs;
        while (at.batch < batches_ && !stopped()) {
            const std::size_t begin = std::size_t{at.batch} * training_.batch;
            const std::size_t count = std::min<std::size_t>(training_.batch, order.size() - begin);
            const auto start = Clock::now();
            const std::size_t next = begin + count;
            data_.train.read_ahead({order.data() + next, std::min(count, order.size() - next)});
            const Score score = trainer_.train_batch(data_.train, {order.data() + begin, count},
                                                     at.epoch, at.step, steps);
            const double seconds = seconds_since(start);
            at.score += score;
            at.seconds += seconds;
            result_.train_seconds += seconds;
            result_.trained_samples += score.samples;
            ++at.batch;
            ++at.step;
            report(nullptr);
        }
    }

    void finish_epoch() {
        Progress& at = result_.progress;
        const auto start = Clock::now();
        if (const std::optional<Score> voted = trainer_.count_votes(data_.train)) {
            at.score.judged = voted->judged;
            at.score.correct = voted->correct;
        }
        result_.test = trainer_.evaluate(data_.test);
        test_seconds_ = seconds_since(start);
        const std::uint64_t steps = std::uint64_t{batches_} * training_.epochs;
        at.curves.push_back({at.epoch + 1, at.score.mean_loss(), at.score.accuracy(),
                             result_.test.mean_loss(), result_.test.accuracy(),
                             training_.optimiser.rate_at(at.step, steps), at.seconds});
        report(&at.curves.back());
        ++at.epoch;
        at.batch = 0;
        at.score = {};
        at.seconds = 0;
    }

    void save() {
        save_checkpoint(folder_ + "/checkpoint.h5", experiment_, provenance_, network_, trainer_,
                        result_.progress);
        kept_ = fmt::format("that of the end of epoch {}", result_.progress.epoch);
        write_curves(folder_ + "/curves.csv", result_.progress.curves);
    }

    void report(const CurveRow* finished) {
        if (!hooks_.report) return;
        const Progress& at = result_.progress;
        TrainingReport report{at.epoch + 1, training_.epochs, at.batch, batches_, at.score, 0, 0,
                              finished};
        report.samples_per_s =
            static_cast<double>(result_.trained_samples) / std::max(result_.train_seconds, 1e-9);
        const double left = static_cast<double>(training_.epochs - at.epoch) *
                                static_cast<double>(data_.train.size()) -
                            static_cast<double>(at.score.samples);
        report.seconds_left =
            left / report.samples_per_s + test_seconds_ * (training_.epochs - at.epoch);
        hooks_.report(report);
    }

    const Experiment& experiment_;
    const nlohmann::json& provenance_;
    const TrainingDescription& training_;
    Network& network_;
    Trainer& trainer_;
    const InputData& data_;
    const std::string& folder_;
    const TrainingHooks& hooks_;
    WeightHistory history_;
    std::uint32_t batches_;
    double test_seconds_ = 0;
    std::string kept_;  // which checkpoint is in the folder; "": none of this training
    TrainingResult result_;
};

}  // namespace

TrainingResult run_training(const Experiment& experiment, const nlohmann::json& provenance,
                            Network& network, Trainer& trainer, const InputData& data,
                            const std::string& folder, Progress progress,
                            const TrainingHooks& hooks) {
    return Run(experiment, provenance, network, trainer, data, folder, std::move(progress), hooks)
        .run();
}

}  // namespace synfire
