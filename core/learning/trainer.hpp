// The sample-parallel trainer. A batch is dealt to a fixed number of lanes, whatever the number of
// threads. A thread takes one lane after another and adds the gradients of its samples in order;
// lanes are summed in order. Results therefore are the same bit for bit for any number of threads,
// and nothing has the size of batch times weights.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <vector>

#include "base/workers.hpp"
#include "learning/gradient_sum.hpp"
#include "learning/incoming_sums.hpp"
#include "learning/learner.hpp"
#include "learning/votes.hpp"

namespace synfire {

// Sums over the samples seen.
struct Score {
    std::uint64_t samples = 0;
    std::uint64_t judged = 0, correct = 0;  // those that were given a class, or none; rightly
    std::uint64_t measured = 0;             // those that have a loss
    double loss = 0;
    std::uint64_t flows = 0;  // those that have a true flow of which any pixel counts
    double endpoint_error = 0, outliers = 0;

    // Nothing where there was none.
    std::optional<double> accuracy() const { return mean(static_cast<double>(correct), judged); }
    std::optional<double> mean_loss() const { return mean(loss, measured); }
    // Means over recordings of what flow_error.hpp says of each.
    std::optional<double> mean_endpoint_error() const { return mean(endpoint_error, flows); }
    std::optional<double> outlier_share() const { return mean(outliers, flows); }
    Score& operator+=(const Score& other);

  private:
    static std::optional<double> mean(double sum, std::uint64_t count) {
        if (count == 0) return std::nullopt;
        return sum / static_cast<double>(count);
    }
};

// A loss, a state or a weight is no longer a finite number. what(): a clause that says which.
class Diverged : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

class Trainer {
  public:
    // Lanes that a batch is dealt to, the same for any number of threads. More would keep more
    // threads busy and cost a sum of gradients each.
    static constexpr std::size_t lane_count = 8;

    // Refers to all of its arguments for as long as it lives. input: the population samples feed.
    Trainer(Network& network, const TrainingDescription& training, std::uint32_t input,
            std::uint64_t seed, unsigned threads);
    ~Trainer();

    // Trains on these recordings of the set as one batch and changes the weights once. step:
    // changes made before; steps: changes of the whole training. Throws Diverged.
    Score train_batch(const EventSet& set, std::span<const std::uint32_t> recordings,
                      std::uint32_t epoch, std::uint64_t step, std::uint64_t steps);

    // Presents recordings 0, 1, ... without learning. Ends early, with what it has, once stop() is
    // true; asked between blocks of recordings. Where votes decide and have not been counted, no
    // recording is judged. Throws Diverged.
    Score evaluate(const EventSet& set, const std::function<bool()>& stop = {});

    // What the readout says of a recording whose target are values, without learning.
    std::vector<float> estimate(const EventSet& set, std::size_t recording);

    // Where votes decide: counts the neurons' responses to all recordings of the training,
    // presented without learning, and returns how well these votes judge the same recordings; else
    // does nothing. Throws Diverged.
    std::optional<Score> count_votes(const EventSet& training);
    // Null where none decide.
    Votes* votes() { return votes_ ? &*votes_ : nullptr; }
    const Votes* votes() const { return votes_ ? &*votes_ : nullptr; }
    // A part of an epoch's score whose other numbers follow from these.
    Score training_score(std::uint64_t samples, std::uint64_t correct, double loss) const;

    // Throws Diverged where the network begins with weights that are not finite.
    void require_finite();

    // Whom to tell what time is spent on: a worker a thread.
    void set_profiler(Profiler& profiler);

    // The order in which an epoch goes through `count` recordings.
    std::vector<std::uint32_t> order(std::size_t count, std::uint32_t epoch) const;

    struct LearnedArray {
        Parameter parameter;
        Moments moments;

        explicit LearnedArray(const Parameter& of)
            : parameter(of),
              moments{Matrix(of.value->rows, of.value->columns),
                      Matrix(of.value->rows, of.value->columns)} {}
    };
    // Values and the optimiser's memory of them, for checkpoints; refresh the network after a
    // change.
    std::vector<LearnedArray>& learned() { return learned_; }

    // Feedback weights, where they are no copies of weights of the network.
    FeedbackWeights& feedback() { return feedback_; }
    // Those that are trained (adaptive feedback), for checkpoints.
    std::vector<LearnedArray>& learned_feedback() { return learned_feedback_; }

    // What the next batch's rewards are expected to be, for checkpoints.
    double expected_reward() const { return expected_reward_; }
    void expect_reward(double expected) { expected_reward_ = expected; }

    // Of training batches; evaluation is not counted.
    const Counters& counters() const { return counters_; }
    void set_counters(const Counters& counters) { counters_ = counters; }
    // Of one sample in flight; the most that one has held, where that varies.
    std::size_t learning_state_bytes() const;
    std::size_t neuron_state_bytes() const {
        return workers_.front()->learners.front()->neuron_state_bytes();
    }
    // Of all workers and of the batch's sum, and rows that are pending.
    std::size_t gradient_bytes() const;
    std::size_t optimiser_bytes() const;
    std::size_t samples_in_flight() const {
        return workers_.size() * workers_.front()->learners.size();
    }

  private:
    // What a thread works with.
    struct Worker {
        Gradients gradients;  // of the lane at hand
        Profile* profile = nullptr;
        std::vector<std::unique_ptr<Learner>> learners;  // of samples presented together
        std::vector<SampleEvents> samples;               // looked ahead to
        std::vector<std::uint32_t> changed;              // augmented keys
        Learner::ArrivalCounts arrivals;                 // of the batch's first samples

        Worker(const Network& network, const std::vector<RuleSite>& sites)
            : gradients(network, sites) {}
        // Presents samples number first, first + step, ... below end, which prepare(k, sample)
        // makes.
        template <class Prepare>
        void present(std::size_t first, std::size_t end, std::size_t step, std::uint32_t ticks,
                     std::uint32_t batch, std::vector<SampleOutcome>& outcomes, Prepare prepare);
        void take_counters(Counters& sum);
    };

    // body(worker, lane) for each of so many lanes, the first ones first.
    template <class Body>
    void deal(std::size_t lanes, Body body);
    void prepare(Worker& worker, SampleEvents& sample, const EventSet& set, std::uint32_t recording,
                 std::uint32_t epoch);
    bool gains_from_groups(const Projection& projection) const;
    void count_arrivals(Worker& worker, bool on) const;
    // The first samples of a batch say which sums of weights are worth forming for the others.
    void group_weights(std::uint64_t counted, std::uint64_t left);
    void ungroup_weights();
    // Presents recordings without learning; visit(recording, outcome) in their order.
    template <class Visit>
    void present_all(const EventSet& set, const std::function<bool()>& stop, Visit visit);
    void require_targets(const EventSet& set) const;
    void require_finite(const SampleOutcome& outcome, std::size_t recording) const;
    void change_weights(float rate, std::uint64_t step);
    void change_feedback(std::uint32_t projection, const Matrix& gradient, float rate,
                         std::uint64_t step);
    void keep_state(const GradientArrays& changes);
    void write_weights(Projection& projection, const Matrix& changes);
    void require_finite(const Projection& projection);
    template <class Body>
    void in_parallel(std::size_t count, Body body);

    Network& network_;
    const TrainingDescription& training_;
    std::uint64_t seed_;
    std::optional<MapShape> shape_;
    RuleInstances rules_;
    FeedbackWeights feedback_;
    std::vector<std::unique_ptr<Worker>> workers_;
    GradientSum sum_;
    std::vector<SampleOutcome> outcomes_;
    std::optional<Votes> votes_;
    std::vector<LearnedArray> learned_;
    std::vector<LearnedArray> learned_feedback_;
    // Of each of these, the projection to the readout whose gradient it takes.
    std::vector<std::uint32_t> followed_;
    std::vector<Matrix> gains_;                               // gradients of gains, by projection
    std::vector<std::optional<IncomingSums>> incoming_sums_;  // by projection
    double expected_reward_ = 0;
    Workers threads_;
    Counters counters_;
    Profile* profile_ = nullptr;  // of what workers do not do
};

}  // namespace synfire
