#include "learning/feedback.hpp"

#include <algorithm>
#include <cmath>

#include "base/random.hpp"

namespace synfire {

namespace {

// Whether a pooling takes all that DFA has to say to the population.
bool is_pooled(const NetworkDescription& network, std::uint32_t population) {
    return std::ranges::any_of(network.poolings, [&](const std::vector<std::uint32_t>& poolings) {
        return std::ranges::any_of(
            poolings, [&](std::uint32_t p) { return network.projections[p].source == population; });
    });
}

bool gets_signal(const Network& network, const TrainingDescription& training,
                 const std::vector<bool>& taught, std::uint32_t population) {
    const bool unused = training.feedback == FeedbackKind::bp &&
                        network.description().emitter(population) != population;
    return training.judges(population) || (taught[population] && !unused);
}

bool fires(const Population& population) {
    return population.neuron && population.description.model->spikes();
}

// By population: projections without delay that carry its signal back further.
std::vector<std::vector<std::uint32_t>> carriers(const Network& network,
                                                 const TrainingDescription& training) {
    std::vector<std::vector<std::uint32_t>> carriers(network.populations().size());
    if (training.feedback != FeedbackKind::bp) return carriers;
    const std::vector<bool> taught = taught_populations(network.description());
    for (std::uint32_t q = 0; q < network.projections().size(); ++q) {
        const Projection& projection = network.projections()[q];
        if (projection.delay == 0 && gets_signal(network, training, taught, projection.source) &&
            gets_signal(network, training, taught, projection.target))
            carriers[projection.target].push_back(q);
    }
    return carriers;
}

}  // namespace

FeedbackWeights::FeedbackWeights(const Network& network, const TrainingDescription& training,
                                 std::uint64_t seed)
    : of(network.populations().size()), sign(training.feedback == FeedbackKind::sdfa) {
    if (training.feedback == FeedbackKind::bp) return;
    const std::vector<bool> taught = taught_populations(network.description());
    const std::uint32_t outputs =
        training.readout ? network.populations()[*training.readout].size() : 0;
    for (std::uint32_t p = 0; p < of.size(); ++p) {
        if (!taught[p] || p == training.readout || is_pooled(network.description(), p)) continue;
        const std::uint32_t size = network.populations()[p].size();
        of[p] = Matrix(outputs, size);
        // Kaiming's uniform bound for a fan-in of the population's size, as in the reference code.
        const float bound = std::sqrt(6.0f / static_cast<float>(size));
        Random random(seed, Stream::feedback, p, 0);
        for (std::uint32_t k = 0; k < outputs; ++k)
            for (float& value : of[p].values(k)) value = random.uniform(-bound, bound);
    }
}

std::uint64_t FeedbackWeights::project(std::uint32_t population, std::span<const float> error,
                                       float* signal) const {
    const Matrix& weights = of[population];
    for (std::uint32_t k = 0; k < weights.rows; ++k) {
        float e = error[k];
        if (sign) e = static_cast<float>((e > 0.0f) - (e < 0.0f));
        for (std::uint32_t i = 0; i < weights.columns; ++i) signal[i] += e * weights.row(k)[i];
    }
    return std::uint64_t{weights.rows} * weights.columns;
}

Feedback::Feedback(const Network& network, const TrainingDescription& training,
                   const FeedbackWeights& weights, std::uint32_t ticks)
    : network_(network),
      training_(training),
      weights_(weights),
      signals_(network.populations().size()),
      judged_(judged_outputs(network.description(), training)),
      carriers_(carriers(network, training)) {
    const std::vector<bool> taught = taught_populations(network.description());
    std::uint32_t widest = 0;
    for (std::uint32_t p = 0; p < signals_.size(); ++p) {
        if (!gets_signal(network, training, taught, p)) continue;
        const std::uint32_t size = network.populations()[p].size();
        signals_[p] = Matrix(ticks, size);
        if (!carriers_[p].empty() && fires(network.populations()[p]))
            widest = std::max(widest, size);
    }
    if (widest > 0) through_ = Matrix(ticks, widest);
}

std::uint32_t Feedback::ticks_at_once(const Network& network, const TrainingDescription& training) {
    constexpr std::size_t most = 2;                       // more take memory and are no faster
    constexpr std::size_t cache = std::size_t{64} << 10;  // bytes that others leave
    if (training.feedback != FeedbackKind::bp) return 1;
    for (const auto& from : carriers(network, training))
        for (const std::uint32_t q : from)
            if (!network.projections()[q].topology->has_row_per_source()) return 1;
    const std::vector<bool> taught = taught_populations(network.description());
    std::size_t floats = 0;
    for (std::uint32_t p = 0; p < taught.size(); ++p)
        if (gets_signal(network, training, taught, p))
            floats += 2 * padded(network.populations()[p].size());
    return static_cast<std::uint32_t>(
        std::clamp<std::size_t>(cache / (floats * sizeof(float)), 1, most));
}

void Feedback::project(const Engine& engine, std::span<const Tick> ticks, float batch,
                       Counters& counters) {
    for (const JudgedOutput& judged : judged_)
        for (std::size_t k = 0; k < ticks.size(); ++k)
            for (std::size_t i = 0; i < judged.size; ++i)
                signals_[judged.population].row(k)[i] = ticks[k].error[judged.first + i] / batch;
    if (training_.feedback == FeedbackKind::bp)
        back_propagate(engine, ticks, counters);
    else
        project_directly(engine, ticks, counters);
}

void Feedback::silence(const Engine& engine, std::uint32_t population) {
    const AlignedVector<float>& mask = engine.dropout_mask(population);
    if (mask.empty()) return;
    Matrix& signals = signals_[population];
    for (std::uint32_t k = 0; k < signals.rows; ++k)
        for (std::size_t i = 0; i < mask.size(); ++i) signals.row(k)[i] *= mask[i];
}

void Feedback::back_propagate(const Engine& engine, std::span<const Tick> ticks,
                              Counters& counters) {
    const std::vector<std::uint32_t>& order = network_.description().order;
    carried_.assign(signals_.size(), false);
    for (const JudgedOutput& judged : judged_) carried_[judged.population] = true;  // of the loss
    for (auto it = order.rbegin(); it != order.rend(); ++it) {
        const std::uint32_t target = *it;
        if (signals_[target].rows == 0) continue;
        silence(engine, target);
        if (carriers_[target].empty()) continue;
        const bool through_neurons = fires(network_.populations()[target]);
        if (through_neurons)
            for (std::size_t k = 0; k < ticks.size(); ++k) {
                const float* psi = engine.psi(target, ticks[k].tick);
                for (std::size_t i = 0; i < network_.populations()[target].size(); ++i)
                    through_.row(k)[i] = psi[i] * signals_[target].row(k)[i];
            }
        for (const std::uint32_t q : carriers_[target]) {
            const Projection& projection = network_.projections()[q];
            // Of more than one tick only where spikes are not asked for (ticks_at_once).
            const BackwardWeights weights = projection.backward(engine.spikes(projection.source));
            many_.clear();
            for (std::size_t k = 0; k < ticks.size(); ++k)
                many_.push_back({weights, (through_neurons ? through_ : signals_[target]).row(k),
                                 signals_[projection.source].row(k), !carried_[projection.source]});
            carried_[projection.source] = true;
            counters.macs_learning += projection.topology->backproject_many(many_);
        }
    }
}

void Feedback::project_directly(const Engine& engine, std::span<const Tick> ticks,
                                Counters& counters) {
    const std::span<const float> error = ticks.front().error;
    for (std::uint32_t p = 0; p < signals_.size(); ++p)
        if (p != training_.readout) std::ranges::fill(signals_[p].data, 0.0f);
    for (std::uint32_t p = 0; p < signals_.size(); ++p) {
        if (p == training_.readout || signals_[p].rows == 0) continue;
        counters.macs_learning += weights_.project(p, error, signals_[p].row(0));
        for (const std::uint32_t pooling : network_.description().poolings[p]) {
            const Projection& projection = network_.projections()[pooling];
            if (signals_[projection.source].rows > 0)
                counters.macs_learning += projection.topology->backproject(
                    projection.backward(engine.spikes(projection.source)), signals_[p].row(0),
                    signals_[projection.source].row(0));
        }
    }
    for (std::uint32_t p = 0; p < signals_.size(); ++p) silence(engine, p);
}

std::size_t Feedback::bytes() const {
    std::size_t bytes = through_.bytes();
    for (const Matrix& signal : signals_) bytes += signal.bytes();
    return bytes;
}

}  // namespace synfire
