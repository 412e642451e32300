#include "learning/trainer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <numeric>

#include "base/finite.hpp"
#include "base/flush_to_zero.hpp"
#include "base/problem.hpp"
#include "base/random.hpp"
#include "kernels/rows.hpp"
#include "kernels/standardise.hpp"

namespace synfire {
namespace {

// Elements of an array that one task changes.
constexpr std::size_t block_elements = 1 << 14;
// Columns of a standardised matrix that one task handles.
constexpr std::uint32_t block_columns = 32;

std::size_t blocks(std::size_t count, std::size_t block) {
    return (count + block - 1) / block;
}

void add(Score& score, const SampleOutcome& outcome, std::uint32_t label) {
    ++score.samples;
    if (outcome.loss) {
        ++score.measured;
        score.loss += *outcome.loss;
    }
    if (outcome.flow) {
        ++score.flows;
        score.endpoint_error += outcome.flow->endpoint;
        score.outliers += outcome.flow->outliers;
    }
    if (outcome.prediction) {
        ++score.judged;
        score.correct += *outcome.prediction == label;
    }
}

}  // namespace

Score& Score::operator+=(const Score& other) {
    samples += other.samples;
    judged += other.judged;
    correct += other.correct;
    measured += other.measured;
    loss += other.loss;
    flows += other.flows;
    endpoint_error += other.endpoint_error;
    outliers += other.outliers;
    return *this;
}

Trainer::Trainer(Network& network, const TrainingDescription& training, std::uint32_t input,
                 std::uint64_t seed, unsigned threads)
    : network_(network),
      training_(training),
      seed_(seed),
      shape_(network.populations()[input].description.shape),
      rules_(network),
      feedback_(network, training, seed),
      sum_(network),
      gains_(network.projections().size()),
      incoming_sums_(network.projections().size()),
      threads_(threads) {
    // Signals of a rule that learns as time goes go through no delay.
    const std::vector<bool> taught = taught_populations(network.description());
    const bool backward = rule_kinds(network.description()).backward;
    for (Projection& projection : network.projections())
        projection.carry_back(taught[projection.source] && (backward || projection.delay == 0));
    const std::size_t at_once = Learner::samples_at_once(network);
    for (std::size_t i = 0; i < std::min<std::size_t>(threads, lane_count); ++i) {
        Worker& worker = *workers_.emplace_back(std::make_unique<Worker>(network, rules_.sites()));
        for (std::size_t k = 0; k < at_once; ++k)
            worker.learners.push_back(std::make_unique<Learner>(
                network, training, rules_, feedback_, input, worker.gradients));
    }
    if (const DecoderDescription& decoder = training.decoder; decoder.by_votes)
        votes_.emplace(network.populations()[decoder.population].size(), decoder.kind);
    for (const Parameter& parameter : network.learned()) learned_.emplace_back(parameter);
    if (training.feedback == FeedbackKind::adaptive)
        for (std::uint32_t p = 0; p < feedback_.of.size(); ++p) {
            Matrix& b = feedback_.of[p];
            if (b.rows == 0) continue;
            followed_.push_back(static_cast<std::uint32_t>(
                readout_projection(network.description(), *training.readout, p)));
            learned_feedback_.emplace_back(
                Parameter{network.populations()[p].description.name + " feedback", &b});
        }
    for (std::size_t p = 0; p < gains_.size(); ++p)
        if (const Projection& projection = network.projections()[p]; projection.standardises())
            gains_[p] = Matrix(1, projection.gain.columns);
    for (std::size_t p = 0; p < incoming_sums_.size(); ++p)
        if (const Projection& projection = network.projections()[p];
            projection.learn && projection.rule && projection.rule->weight_sum() > 0)
            incoming_sums_[p].emplace(projection, p);
}

Trainer::~Trainer() = default;

void Trainer::set_profiler(Profiler& profiler) {
    profile_ = profiler.main();
    for (std::size_t i = 0; i < workers_.size(); ++i) {
        workers_[i]->profile = profiler.worker(i);
        workers_[i]->gradients.set_profile(profiler.worker(i));
        for (const auto& learner : workers_[i]->learners) learner->set_profile(profiler.worker(i));
    }
}

template <class Body>
void Trainer::in_parallel(std::size_t count, Body body) {
    threads_.for_each(count, [&](std::size_t i) {
        const FlushToZero flush;
        body(i);
    });
}

template <class Body>
void Trainer::deal(std::size_t lanes, Body body) {
    std::atomic<std::size_t> next = 0;
    in_parallel(workers_.size(), [&](std::size_t w) {
        for (std::size_t lane; (lane = next++) < lanes;) body(*workers_[w], lane);
    });
}

std::vector<std::uint32_t> Trainer::order(std::size_t count, std::uint32_t epoch) const {
    std::vector<std::uint32_t> order(count);
    std::iota(order.begin(), order.end(), 0u);
    Random random(seed_, Stream::sample_order, epoch, 0);
    for (std::size_t i = count; i > 1; --i)
        std::swap(order[i - 1], order[random.below(static_cast<std::uint32_t>(i))]);
    return order;
}

template <class Prepare>
void Trainer::Worker::present(std::size_t first, std::size_t end, std::size_t step,
                              std::uint32_t ticks, std::uint32_t batch,
                              std::vector<SampleOutcome>& outcomes, Prepare prepare) {
    const std::size_t together = learners.size();
    const std::size_t at_once =
        std::max(together, learners.front()->lookahead().samples(ticks) / together * together);
    samples.resize(std::max(samples.size(), at_once));
    std::vector<Learner*> all;
    for (const auto& learner : learners) all.push_back(learner.get());
    std::vector<const SampleEvents*> events;
    std::vector<SampleOutcome> results(together);
    for (std::size_t k = first; k < end; k += step * events.size()) {
        events.clear();
        for (std::size_t i = k; i < end && events.size() < at_once; i += step) {
            prepare(i, samples[events.size()]);
            events.push_back(&samples[events.size()]);
        }
        for (std::size_t l = 0; l < together; ++l) {
            std::vector<const SampleEvents*> of_one;
            for (std::size_t i = l; i < events.size(); i += together) of_one.push_back(events[i]);
            all[l]->lookahead().announce(std::move(of_one));
        }
        for (std::size_t i = 0; i < events.size(); i += together) {
            const std::size_t some = std::min(together, events.size() - i);
            present_together(std::span(all).first(some), std::span(events).subspan(i, some), batch,
                             results);
            for (std::size_t l = 0; l < some; ++l) outcomes[k + (i + l) * step] = results[l];
        }
    }
}

void Trainer::Worker::take_counters(Counters& sum) {
    for (const auto& learner : learners) sum += std::exchange(learner->counters(), {});
    sum += std::exchange(gradients.counters(), {});
}

void Trainer::prepare(Worker& worker, SampleEvents& sample, const EventSet& set,
                      std::uint32_t recording, std::uint32_t epoch) {
    Span span(worker.profile, Stage::samples, 0);
    std::span<const std::uint32_t> keys = set.recording(recording);
    if (training_.augmentation.any()) {
        training_.augmentation.apply(keys, set.units, set.ticks, shape_, seed_, epoch, recording,
                                     worker.changed);
        keys = worker.changed;
    }
    sample.assign(keys, set.units, set.ticks);
    sample.label = set.labels[recording];
    sample.target = set.target(recording);
    if (set.target_kind.any() && training_.augmentation.moves_on_sensor()) {
        training_.augmentation.apply(set.target_kind, set.floats(recording), seed_, epoch,
                                     recording, sample.changed_target);
        sample.target = Target(set.target_kind, sample.changed_target.data());
    }
    sample.draw = {seed_, epoch, recording};
    span.did({.events = keys.size(), .bytes = 2 * keys.size() * sizeof(std::uint32_t)});
}

// Of recordings that are no experiment's own.
void Trainer::require_targets(const EventSet& set) const {
    if (!training_.classes && !set.target_kind.any())
        throw InputError("The recordings have no target; the loss compares outputs with one.");
}

Score Trainer::train_batch(const EventSet& set, std::span<const std::uint32_t> recordings,
                           std::uint32_t epoch, std::uint64_t step, std::uint64_t steps) {
    require_targets(set);
    network_.value_events(true);
    const std::size_t used = std::min(lane_count, recordings.size());
    const auto batch = static_cast<std::uint32_t>(recordings.size());
    outcomes_.resize(batch);
    auto present = [&](Worker& worker, std::size_t first, std::size_t end) {
        worker.present(first, end, used, set.ticks, batch, outcomes_,
                       [&](std::size_t k, SampleEvents& sample) {
                           prepare(worker, sample, set, recordings[k], epoch);
                       });
        worker.gradients.flush();
    };
    // Lanes that present samples before the others do, one or as many as they present together.
    constexpr std::size_t counting_lanes = 4;
    const std::size_t counted = workers_[0]->learners.size();
    std::size_t ahead = std::min(counting_lanes, used);
    if (batch < 4 * counted * used) ahead = 0;
    for (const auto& worker : workers_)
        for (const auto& learner : worker->learners) learner->expect_reward(expected_reward_);
    sum_.begin();
    if (ahead > 0) {
        for (const auto& worker : workers_) count_arrivals(*worker, true);
        deal(ahead, [&](Worker& worker, std::size_t lane) {
            worker.gradients.begin();
            present(worker, lane, counted * used);
            sum_.suspend(lane, worker.gradients.arrays());
        });
        for (const auto& worker : workers_) count_arrivals(*worker, false);
        group_weights(ahead * counted * set.ticks, (batch - ahead * counted) * set.ticks);
    }
    deal(used, [&](Worker& worker, std::size_t lane) {
        if (lane < ahead)
            sum_.resume(lane, worker.gradients.arrays());
        else
            worker.gradients.begin();
        present(worker, lane + (lane < ahead ? counted * used : 0), batch);
        Span span(worker.profile, Stage::sum, 0);
        sum_.finish(lane, worker.gradients.arrays());
        const std::size_t size = bytes(worker.gradients.arrays());
        span.did({.macs = size / sizeof(float), .bytes = 3 * size});
    });
    ungroup_weights();
    Score score;
    for (std::size_t k = 0; k < batch; ++k) {
        require_finite(outcomes_[k], recordings[k]);
        add(score, outcomes_[k], set.labels[recordings[k]]);
        expected_reward_ = training_.reward.expected(
            expected_reward_, outcomes_[k].prediction == set.labels[recordings[k]]);
    }
    for (const auto& worker : workers_) worker->take_counters(counters_);
    change_weights(training_.optimiser.rate_at(step, steps), step + 1);
    return score;
}

void Trainer::require_finite(const SampleOutcome& outcome, std::size_t recording) const {
    if (outcome.diverged)
        throw Diverged(fmt::format("the state of '{}' is no longer finite (recording {})",
                                   network_.populations()[*outcome.diverged].description.name,
                                   recording));
    if (outcome.loss && !std::isfinite(*outcome.loss))
        throw Diverged(fmt::format("the loss is {} (recording {})",
                                   std::isnan(*outcome.loss) ? "no longer a number" : "infinite",
                                   recording));
}

Score Trainer::training_score(std::uint64_t samples, std::uint64_t correct, double loss) const {
    const bool measures = Readout::used(training_, network_.description());
    const bool judged = !votes_ && training_.classes;
    return {samples, judged ? samples : 0, correct, measures ? samples : 0, loss};
}

// Rows of an input's weights are read once for many ticks (PrecomputedInput); more rows, each used
// less often, gain nothing there.
bool Trainer::gains_from_groups(const Projection& projection) const {
    return projection.gains_from_groups() &&
           !network_.populations()[projection.source].description.takes_input();
}

void Trainer::count_arrivals(Worker& worker, bool on) const {
    if (on) {
        worker.arrivals.resize(network_.projections().size());
        for (std::size_t p = 0; p < worker.arrivals.size(); ++p)
            if (const Projection& projection = network_.projections()[p];
                gains_from_groups(projection))
                worker.arrivals[p].assign(projection.topology->pre_count(), 0);
    }
    for (const auto& learner : worker.learners)
        learner->count_arrivals(on ? &worker.arrivals : nullptr);
}

void Trainer::group_weights(std::uint64_t counted, std::uint64_t left) {
    for (std::uint32_t p = 0; p < network_.projections().size(); ++p) {
        Projection& projection = network_.projections()[p];
        if (!gains_from_groups(projection)) continue;
        Span span(profile_, Stage::weights, p);
        std::vector<std::uint32_t>& counts = workers_[0]->arrivals[p];
        for (std::size_t w = 1; w < workers_.size(); ++w)
            std::ranges::transform(counts, workers_[w]->arrivals[p], counts.begin(), std::plus<>());
        const Matrix& weights = projection.used();
        projection.grouped.choose(counts, counted, left, weights.columns);
        if (projection.grouped.empty()) continue;
        in_parallel(projection.grouped.part_count(),
                    [&](std::size_t part) { projection.grouped.fill(weights, part); });
        span.did({.bytes = weights.bytes() + projection.grouped.bytes()});
    }
}

void Trainer::ungroup_weights() {
    for (Projection& projection : network_.projections()) projection.grouped.clear();
}

void Trainer::change_weights(float rate, std::uint64_t step) {
    std::size_t next = 0;  // of learned_, which lists weight, bias and gain of each projection
    GradientArrays& gradients = sum_.total();
    std::uint32_t p = 0;
    // Changes an array of weights.
    auto change = [&](Matrix& gradient) {
        Span span(profile_, Stage::optimiser, p);
        span.did({.macs = gradient.data.size(), .bytes = 7 * gradient.bytes()});
        LearnedArray& array = learned_[next++];
        const std::size_t size = gradient.data.size();
        std::atomic<bool> lost = false;
        in_parallel(blocks(size, block_elements), [&](std::size_t b) {
            const std::size_t begin = b * block_elements;
            const std::size_t end = std::min(size, begin + block_elements);
            descend(training_.optimiser, rate, step, *array.parameter.value, gradient,
                    array.moments, begin, end);
            // What has just been written is near.
            for (const Matrix* matrix :
                 {array.parameter.value, &array.moments.first, &array.moments.second})
                if (!all_finite(std::span(matrix->data).subspan(begin, end - begin)))
                    lost.store(true, std::memory_order_relaxed);
        });
        if (lost)
            throw Diverged(
                fmt::format("'{}', or what the optimiser remembers of it, is no longer "
                            "finite",
                            array.parameter.name));
    };
    for (; p < network_.projections().size(); ++p) {
        Projection& projection = network_.projections()[p];
        if (!projection.learn) continue;
        if (projection.rule) {
            write_weights(projection, gradients[p].weights);
            continue;
        }
        const auto stride = static_cast<std::uint32_t>(projection.weights.stride);
        auto by_columns = [&](auto body) {
            in_parallel(blocks(stride, block_columns), [&](std::size_t b) {
                const auto begin = static_cast<std::uint32_t>(b) * block_columns;
                body(begin, std::min(stride, begin + block_columns));
            });
        };
        if (const float amplitude = projection.amplitude(); amplitude != 1.0f)
            for (float& g : gradients[p].weights.data) g *= amplitude;
        if (projection.standardises()) {
            Span span(profile_, Stage::weights, p);
            span.did({.bytes = 3 * projection.weights.bytes()});
            by_columns([&](std::uint32_t begin, std::uint32_t end) {
                standardise_backward(projection.weights, projection.gain, gradients[p].weights,
                                     gains_[p], begin, end);
            });
        }
        change_feedback(p, gradients[p].weights, rate, step);
        change(gradients[p].weights);
        if (projection.has_bias()) change(gradients[p].bias);
        if (projection.standardises()) change(gains_[p]);
        Span span(profile_, Stage::weights, p);
        span.did({.bytes = 2 * (projection.effective.bytes() + projection.transposed.bytes())});
        by_columns([&](std::uint32_t begin, std::uint32_t end) { projection.refresh(begin, end); });
        require_finite(projection);
        projection.transpose();
    }
    keep_state(gradients);
}

// Weights of adaptive feedback take the gradient of the weights that they stand for.
void Trainer::change_feedback(std::uint32_t projection, const Matrix& gradient, float rate,
                              std::uint64_t step) {
    for (std::size_t f = 0; f < followed_.size(); ++f) {
        if (followed_[f] != projection) continue;
        LearnedArray& array = learned_feedback_[f];
        Matrix& value = *array.parameter.value;
        Matrix transposed(value.rows, value.columns);
        for (std::uint32_t r = 0; r < gradient.rows; ++r)
            for (std::uint32_t c = 0; c < gradient.columns; ++c)
                transposed.row(c)[r] = gradient.row(r)[c];
        descend(training_.optimiser, rate, step, value, transposed, array.moments, 0,
                value.data.size());
        if (!all_finite(value.data))
            throw Diverged(fmt::format("'{}' is no longer finite", array.parameter.name));
    }
}

// What the samples of a batch have changed in variables that survive them.
void Trainer::keep_state(const GradientArrays& changes) {
    std::size_t array = network_.projections().size();
    for (Population& population : network_.populations()) {
        if (population.kept.rows == 0) continue;
        const Matrix& change = changes[array++].weights;
        kernels::add(population.kept.data.data(), change.data.data(), change.data.size());
        if (!all_finite(population.kept.data))
            throw Diverged(fmt::format("the kept state of '{}' is no longer finite",
                                       population.description.name));
    }
}

// What a rule has changed in the samples of a batch, within the rule's range.
void Trainer::write_weights(Projection& projection, const Matrix& changes) {
    const RuleInstance::WeightRange range = projection.rule->weight_range();
    const kernels::Within within{static_cast<float>(range.low), static_cast<float>(range.high),
                                 projection.rule->keeps_sign()};
    Matrix& weights = projection.weights;
    auto in_blocks = [&](std::uint32_t count, auto&& body) {
        in_parallel(blocks(count, block_columns), [&](std::size_t b) {
            const auto begin = static_cast<std::uint32_t>(b) * block_columns;
            body(begin, std::min(count, begin + block_columns));
        });
    };
    in_blocks(weights.columns, [&](std::uint32_t begin, std::uint32_t end) {
        kernels::add_within(weights, changes, begin, end, within);
    });
    const auto index = static_cast<std::size_t>(&projection - network_.projections().data());
    if (const auto& sums = incoming_sums_[index])
        in_blocks(sums->size(), [&](std::uint32_t begin, std::uint32_t end) {
            sums->scale(weights, changes, begin, end);
        });
    if (!all_finite(weights.data))
        throw Diverged(
            fmt::format("a weight of '{}', which its rule '{}' writes, is no longer finite",
                        projection.name, projection.rule->table().description->id));
    projection.refresh(0, static_cast<std::uint32_t>(weights.stride));
    require_finite(projection);
    projection.transpose();
}

// The weights that spikes meet, where they are others than those that have been looked at.
void Trainer::require_finite(const Projection& projection) {
    const AlignedVector<float>& effective = projection.effective.data;
    std::atomic<bool> lost = false;
    in_parallel(blocks(effective.size(), block_elements), [&](std::size_t b) {
        const std::size_t begin = b * block_elements;
        const std::size_t count = std::min(effective.size() - begin, block_elements);
        if (!all_finite(std::span(effective).subspan(begin, count)))
            lost.store(true, std::memory_order_relaxed);
    });
    if (lost)
        throw Diverged(
            fmt::format("a weight of '{}', standardised or scaled as spikes meet it, "
                        "is not finite",
                        projection.name));
}

void Trainer::require_finite() {
    for (const Parameter& parameter : network_.parameters())
        if (!all_finite(parameter.value->data))
            throw Diverged(fmt::format("'{}' is not finite from the start", parameter.name));
    for (const Projection& projection : network_.projections()) require_finite(projection);
}

template <class Visit>
void Trainer::present_all(const EventSet& set, const std::function<bool()>& stop, Visit visit) {
    network_.value_events(false);
    constexpr std::size_t block = 64 * lane_count;  // recordings between two looks at stop
    for (std::size_t begin = 0; begin < set.size() && !(stop && stop()); begin += block) {
        const std::size_t end = std::min(set.size(), begin + block);
        outcomes_.resize(end - begin);
        set.read_ahead(end, block);
        deal(lane_count, [&](Worker& worker, std::size_t lane) {
            worker.present(lane, end - begin, lane_count, set.ticks, 0, outcomes_,
                           [&](std::size_t k, SampleEvents& sample) {
                               sample.assign(set.recording(begin + k), set.units, set.ticks);
                               sample.label = set.labels[begin + k];
                               sample.target = set.target(begin + k);
                               sample.draw = {seed_, SampleEvents::Draw::test,
                                              static_cast<std::uint32_t>(begin + k)};
                           });
            Counters uncounted;
            worker.take_counters(uncounted);
        });
        for (std::size_t i = begin; i < end; ++i) {
            require_finite(outcomes_[i - begin], i);
            visit(i, outcomes_[i - begin]);
        }
    }
}

Score Trainer::evaluate(const EventSet& set, const std::function<bool()>& stop) {
    require_targets(set);
    Score score;
    present_all(set, stop, [&](std::size_t i, const SampleOutcome& outcome) {
        add(score, outcome, set.labels[i]);
        if (!votes_ || votes_->empty()) return;
        ++score.judged;
        score.correct += votes_->winner(outcome.responses) == set.labels[i];
    });
    return score;
}

std::vector<float> Trainer::estimate(const EventSet& set, std::size_t recording) {
    network_.value_events(false);
    SampleEvents sample;
    sample.assign(set.recording(recording), set.units, set.ticks);
    sample.target = set.target(recording);
    sample.draw = {seed_, SampleEvents::Draw::test, static_cast<std::uint32_t>(recording)};
    Learner& learner = *workers_.front()->learners.front();
    const FlushToZero flush;
    learner.present(sample, 0);
    return learner.estimate();
}

std::optional<Score> Trainer::count_votes(const EventSet& training) {
    if (!votes_) return std::nullopt;
    const std::size_t classes =
        training.size() > 0 ? *std::ranges::max_element(training.labels) + std::size_t{1} : 0;
    Votes::Counts counts{std::vector<std::uint64_t>(classes),
                         std::vector<std::uint64_t>(votes_->neurons() * classes)};
    std::vector<std::vector<Response>> responses;
    present_all(training, {}, [&](std::size_t i, SampleOutcome& outcome) {
        ++counts.recordings[training.labels[i]];
        for (const auto& [neuron, spikes] : outcome.responses)
            counts.spikes[neuron * classes + training.labels[i]] += spikes;
        responses.push_back(std::move(outcome.responses));
    });
    votes_->set(std::move(counts));
    Score score;
    score.samples = score.judged = training.size();
    for (std::size_t i = 0; i < responses.size(); ++i)
        score.correct += votes_->winner(responses[i]) == training.labels[i];
    return score;
}

std::size_t Trainer::learning_state_bytes() const {
    std::size_t bytes = 0;
    for (const auto& worker : workers_)
        for (const auto& learner : worker->learners)
            bytes = std::max(bytes, learner->learning_state_bytes());
    return bytes;
}

std::size_t Trainer::gradient_bytes() const {
    std::size_t bytes = sum_.bytes();
    for (const auto& worker : workers_) bytes += worker->gradients.bytes();
    return bytes;
}

std::size_t Trainer::optimiser_bytes() const {
    std::size_t bytes = 0;
    for (const auto* arrays : {&learned_, &learned_feedback_})
        for (const LearnedArray& array : *arrays)
            bytes += array.moments.first.bytes() + array.moments.second.bytes();
    return bytes;
}

}  // namespace synfire
