#include "learning/trainer.hpp"

#include <oneapi/tbb/parallel_for.h>

#include <algorithm>
#include <numeric>

#include "base/flush_to_zero.hpp"
#include "base/random.hpp"
#include "network/kernels.hpp"
#include "network/standardise.hpp"

namespace synfire {
namespace {

// Elements of an array that one task sums or changes.
constexpr std::size_t block_elements = 1 << 14;
// Columns of a standardised matrix that one task handles.
constexpr std::uint32_t block_columns = 32;

std::size_t blocks(std::size_t count, std::size_t block) {
    return (count + block - 1) / block;
}

}  // namespace

Trainer::Trainer(Network& network, const TrainingDescription& training, std::uint32_t input,
                 std::uint64_t seed, unsigned threads)
    : network_(network),
      training_(training),
      seed_(seed),
      shape_(network.populations()[input].description.shape),
      rules_(network, training),
      feedback_(network, training, seed),
      gains_(network.projections().size()),
      allowed_threads_(oneapi::tbb::global_control::max_allowed_parallelism, threads),
      arena_(static_cast<int>(threads)) {
    const std::size_t at_once = Learner::samples_at_once(network, training);
    for (std::size_t i = 0; i < lane_count; ++i) {
        Lane& lane = *lanes_.emplace_back(std::make_unique<Lane>(network, rules_.sites()));
        lane.samples.resize(at_once);
        for (std::size_t k = 0; k < at_once; ++k)
            lane.learners.push_back(std::make_unique<Learner>(network, training, rules_, feedback_,
                                                              input, lane.gradients));
    }
    for (const Parameter& parameter : network.learned()) {
        const Matrix& value = *parameter.value;
        learned_.push_back(
            {parameter, {Matrix(value.rows, value.columns), Matrix(value.rows, value.columns)}});
    }
    for (std::size_t p = 0; p < gains_.size(); ++p)
        if (const Projection& projection = network.projections()[p]; projection.standardises())
            gains_[p] = Matrix(1, projection.gain.columns);
}

Trainer::~Trainer() = default;

void Trainer::set_profiler(Profiler& profiler) {
    profile_ = profiler.main();
    for (std::size_t i = 0; i < lanes_.size(); ++i) {
        lanes_[i]->profile = profiler.worker(i);
        lanes_[i]->gradients.set_profile(profiler.worker(i));
        for (const auto& learner : lanes_[i]->learners) learner->set_profile(profiler.worker(i));
    }
}

template <class Body>
void Trainer::in_parallel(std::size_t count, Body body) {
    arena_.execute([&] {
        oneapi::tbb::parallel_for(
            std::size_t{0}, count,
            [&](std::size_t i) {
                const FlushToZero flush;
                body(i);
            },
            oneapi::tbb::simple_partitioner());
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
void Trainer::Lane::present(std::size_t first, std::size_t end, std::size_t step,
                            std::uint32_t batch, std::vector<SampleOutcome>& outcomes,
                            Prepare prepare) {
    std::vector<Learner*> some;
    std::vector<const SampleEvents*> events;
    std::vector<SampleOutcome> results(learners.size());
    for (std::size_t k = first; k < end; k += step * some.size()) {
        some.clear();
        events.clear();
        for (std::size_t i = k; i < end && some.size() < learners.size(); i += step) {
            SampleEvents& sample = samples[some.size()];
            prepare(i, sample);
            events.push_back(&sample);
            some.push_back(learners[some.size()].get());
        }
        present_together(some, events, batch, results);
        for (std::size_t i = 0; i < some.size(); ++i) outcomes[k + i * step] = results[i];
    }
}

void Trainer::Lane::take_counters(Counters& sum) {
    for (const auto& learner : learners) sum += std::exchange(learner->counters(), {});
    sum += std::exchange(gradients.counters(), {});
}

void Trainer::prepare(Lane& lane, SampleEvents& sample, const EventSet& set,
                      std::uint32_t recording, std::uint32_t epoch) {
    Span span(lane.profile, Stage::samples, 0);
    std::span<const std::uint32_t> keys = set.recording(recording);
    if (training_.augmentation.any()) {
        training_.augmentation.apply(keys, set.units, set.ticks, shape_, seed_, epoch, recording,
                                     lane.changed);
        keys = lane.changed;
    }
    sample.assign(keys, set.units, set.ticks);
    sample.label = set.labels[recording];
    sample.draw = {seed_, epoch, recording};
    span.did({.events = keys.size(), .bytes = 2 * keys.size() * sizeof(std::uint32_t)});
}

Score Trainer::train_batch(const EventSet& set, std::span<const std::uint32_t> recordings,
                           std::uint32_t epoch, std::uint64_t step, std::uint64_t steps) {
    const std::size_t used = std::min(lane_count, recordings.size());
    const auto batch = static_cast<std::uint32_t>(recordings.size());
    outcomes_.resize(batch);
    auto present = [&](std::size_t l, std::size_t first, std::size_t end) {
        Lane& lane = *lanes_[l];
        lane.present(first + l, end, used, batch, outcomes_, [&](std::size_t k, SampleEvents& s) {
            prepare(lane, s, set, recordings[k], epoch);
        });
    };
    std::size_t first = used * lanes_[0]->learners.size();
    if (batch >= 4 * first) {
        for (std::size_t l = 0; l < used; ++l) count_arrivals(*lanes_[l], true);
        in_parallel(used, [&](std::size_t l) { present(l, 0, first); });
        for (std::size_t l = 0; l < used; ++l) count_arrivals(*lanes_[l], false);
        group_weights(used, first * set.ticks, (batch - first) * set.ticks);
    } else {
        first = 0;
    }
    in_parallel(used, [&](std::size_t l) {
        present(l, first, batch);
        lanes_[l]->gradients.flush();
    });
    ungroup_weights();
    Score score;
    for (std::size_t k = 0; k < batch; ++k) {
        score.loss += outcomes_[k].loss;
        score.correct += outcomes_[k].prediction == set.labels[recordings[k]];
        ++score.samples;
    }
    for (const auto& lane : lanes_) lane->take_counters(counters_);
    {
        Span span(profile_, Stage::sum, 0);
        sum_lanes(used);
        std::size_t bytes = 0;
        for (const ProjectionGradient& g : lanes_[0]->gradients.arrays())
            bytes += g.weights.bytes() + g.bias.bytes();
        span.did({.macs = bytes / sizeof(float) * (used - 1), .bytes = 3 * bytes * (used - 1)});
    }
    change_weights(training_.optimiser.rate_at(step, steps), step + 1);
    return score;
}

// Rows of an input's weights are read once for many ticks (Foreseen); more rows, each used less
// often, gain nothing there.
bool Trainer::gains_from_groups(const Projection& projection) const {
    return projection.gains_from_groups() &&
           !network_.populations()[projection.source].description.takes_input();
}

void Trainer::count_arrivals(Lane& lane, bool on) const {
    if (on) {
        lane.arrivals.resize(network_.projections().size());
        for (std::size_t p = 0; p < lane.arrivals.size(); ++p)
            if (const Projection& projection = network_.projections()[p];
                gains_from_groups(projection))
                lane.arrivals[p].assign(projection.topology->pre_count(), 0);
    }
    for (const auto& learner : lane.learners)
        learner->count_arrivals(on ? &lane.arrivals : nullptr);
}

void Trainer::group_weights(std::size_t used, std::uint64_t counted, std::uint64_t left) {
    for (std::uint32_t p = 0; p < network_.projections().size(); ++p) {
        Projection& projection = network_.projections()[p];
        if (!gains_from_groups(projection)) continue;
        Span span(profile_, Stage::weights, p);
        std::vector<std::uint32_t>& counts = lanes_[0]->arrivals[p];
        for (std::size_t l = 1; l < used; ++l)
            std::ranges::transform(counts, lanes_[l]->arrivals[p], counts.begin(), std::plus<>());
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

// The gradient of every array ends up in lane 0; the others are 0 again for the next batch.
void Trainer::sum_lanes(std::size_t used) {
    struct Task {
        std::size_t projection, begin;
        bool bias;
    };
    std::vector<Task> tasks;
    const auto& first = lanes_[0]->gradients.arrays();
    for (std::size_t p = 0; p < first.size(); ++p)
        for (const bool bias : {false, true}) {
            const std::size_t size = (bias ? first[p].bias : first[p].weights).data.size();
            for (std::size_t at = 0; at < size; at += block_elements)
                tasks.push_back({p, at, bias});
        }
    in_parallel(tasks.size(), [&](std::size_t i) {
        const Task& task = tasks[i];
        auto array = [&](std::size_t l) -> Matrix& {
            ProjectionGradient& g = lanes_[l]->gradients.arrays()[task.projection];
            return task.bias ? g.bias : g.weights;
        };
        const std::size_t count = std::min(block_elements, array(0).data.size() - task.begin);
        for (std::size_t l = 1; l < used; ++l)
            kernels::move_onto(array(0).data.data() + task.begin, array(l).data.data() + task.begin,
                               count);
    });
}

void Trainer::change_weights(float rate, std::uint64_t step) {
    std::size_t next = 0;  // of learned_, which lists weight, bias and gain of each projection
    auto& gradients = lanes_[0]->gradients.arrays();
    std::uint32_t p = 0;
    // Changes an array of weights; its gradient is then 0 again.
    auto change = [&](Matrix& gradient) {
        Span span(profile_, Stage::optimiser, p);
        span.did({.macs = gradient.data.size(), .bytes = 7 * gradient.bytes()});
        LearnedArray& array = learned_[next++];
        const std::size_t size = gradient.data.size();
        in_parallel(blocks(size, block_elements), [&](std::size_t b) {
            const std::size_t begin = b * block_elements;
            const std::size_t end = std::min(size, begin + block_elements);
            descend(training_.optimiser, rate, step, *array.parameter.value, gradient,
                    array.moments, begin, end);
            std::fill(gradient.data.begin() + static_cast<std::ptrdiff_t>(begin),
                      gradient.data.begin() + static_cast<std::ptrdiff_t>(end), 0.0f);
        });
    };
    for (; p < gradients.size(); ++p) {
        Projection& projection = network_.projections()[p];
        if (!projection.learn) continue;
        const auto stride = static_cast<std::uint32_t>(projection.weights.stride);
        auto by_columns = [&](auto body) {
            in_parallel(blocks(stride, block_columns), [&](std::size_t b) {
                const auto begin = static_cast<std::uint32_t>(b) * block_columns;
                body(begin, std::min(stride, begin + block_columns));
            });
        };
        if (const float amplitude = projection.topology->amplitude(); amplitude != 1.0f)
            for (float& g : gradients[p].weights.data) g *= amplitude;
        if (projection.standardises()) {
            Span span(profile_, Stage::weights, p);
            span.did({.bytes = 3 * projection.weights.bytes()});
            by_columns([&](std::uint32_t begin, std::uint32_t end) {
                standardise_backward(projection.weights, projection.gain, gradients[p].weights,
                                     gains_[p], begin, end);
            });
        }
        change(gradients[p].weights);
        if (projection.has_bias()) change(gradients[p].bias);
        if (projection.standardises()) change(gains_[p]);
        Span span(profile_, Stage::weights, p);
        span.did({.bytes = 2 * (projection.effective.bytes() + projection.transposed.bytes())});
        by_columns([&](std::uint32_t begin, std::uint32_t end) { projection.refresh(begin, end); });
        projection.transpose();
    }
}

Score Trainer::evaluate(const EventSet& set, const std::function<bool()>& stop) {
    constexpr std::size_t block = 64 * lane_count;  // recordings between two looks at stop
    Score score;
    for (std::size_t begin = 0; begin < set.size() && !(stop && stop()); begin += block) {
        const std::size_t end = std::min(set.size(), begin + block);
        outcomes_.resize(end - begin);
        in_parallel(lane_count, [&](std::size_t l) {
            Lane& lane = *lanes_[l];
            lane.present(l, end - begin, lane_count, 0, outcomes_,
                         [&](std::size_t k, SampleEvents& sample) {
                             sample.assign(set.recording(begin + k), set.units, set.ticks);
                             sample.label = set.labels[begin + k];
                         });
            Counters uncounted;
            lane.take_counters(uncounted);
        });
        for (std::size_t i = begin; i < end; ++i) {
            score.loss += outcomes_[i - begin].loss;
            score.correct += outcomes_[i - begin].prediction == set.labels[i];
            ++score.samples;
        }
    }
    return score;
}

std::size_t Trainer::learning_state_bytes() const {
    std::size_t bytes = 0;
    for (const auto& lane : lanes_)
        for (const auto& learner : lane->learners)
            bytes = std::max(bytes, learner->learning_state_bytes());
    return bytes;
}

std::size_t Trainer::optimiser_bytes() const {
    std::size_t bytes = 0;
    for (const LearnedArray& array : learned_)
        bytes += array.moments.first.bytes() + array.moments.second.bytes();
    return bytes;
}

}  // namespace synfire
