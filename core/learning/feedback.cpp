#include "learning/feedback.hpp"

#include <algorithm>
#include <cmath>

#include "base/random.hpp"

namespace synfire {

namespace {

// Whether a pooling takes all that DFA has to say to the population.
bool is_pooled(const NetworkDescription& network, std::uint32_t population) {
    return std::ranges::any_of(network.pooling, [&](std::int32_t p) {
        return p >= 0 && network.projections[static_cast<std::size_t>(p)].source == population;
    });
}

}  // namespace

FeedbackWeights::FeedbackWeights(const Network& network, const TrainingDescription& training,
                                 std::uint64_t seed)
    : of(network.populations().size()), sign(training.feedback == FeedbackKind::sdfa) {
    if (training.feedback == FeedbackKind::bp) return;
    const std::vector<bool> trained = trained_populations(network.description());
    const std::uint32_t outputs = network.populations()[training.readout].size();
    for (std::uint32_t p = 0; p < of.size(); ++p) {
        if (!trained[p] || p == training.readout || is_pooled(network.description(), p)) continue;
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
                   const FeedbackWeights& weights)
    : network_(network),
      training_(training),
      weights_(weights),
      signals_(network.populations().size()),
      carriers_(network.populations().size()) {
    const std::vector<bool> trained = trained_populations(network.description());
    for (std::uint32_t p = 0; p < signals_.size(); ++p) {
        const bool unused =
            training.feedback == FeedbackKind::bp && network.description().averages(p);
        if (!trained[p] || unused) continue;
        signals_[p].resize(padded(network.populations()[p].size()));
    }
    signals_[training.readout].resize(padded(network.populations()[training.readout].size()));
    if (training.feedback != FeedbackKind::bp) return;
    for (std::uint32_t q = 0; q < network.projections().size(); ++q) {
        const Projection& projection = network.projections()[q];
        const std::uint32_t target = projection.target;
        if (projection.delay > 0 || signals_[projection.source].empty()) continue;
        if (signals_[target].empty()) continue;
        carriers_[target].push_back(q);
        if (network.populations()[target].neuron && target != training.readout)
            through_.resize(std::max(through_.size(), signals_[target].size()));
    }
}

void Feedback::project(const Engine& engine, std::span<const float> error, float batch,
                       Counters& counters) {
    for (auto& signal : signals_) std::ranges::fill(signal, 0.0f);
    for (std::size_t k = 0; k < error.size(); ++k)
        signals_[training_.readout][k] = error[k] / batch;
    if (training_.feedback == FeedbackKind::bp)
        back_propagate(engine, counters);
    else
        project_directly(engine, error, counters);
}

void Feedback::silence(const Engine& engine, std::uint32_t population) {
    const AlignedVector<float>& keep = engine.keep(population);
    for (std::size_t i = 0; i < keep.size(); ++i) signals_[population][i] *= keep[i];
}

void Feedback::back_propagate(const Engine& engine, Counters& counters) {
    const std::vector<std::uint32_t>& order = network_.description().order;
    for (auto it = order.rbegin(); it != order.rend(); ++it) {
        const std::uint32_t target = *it;
        if (signals_[target].empty()) continue;
        silence(engine, target);
        if (carriers_[target].empty()) continue;
        const float* carried = signals_[target].data();
        if (network_.populations()[target].neuron && target != training_.readout) {
            const float* psi = engine.psi(target);
            for (std::size_t i = 0; i < network_.populations()[target].size(); ++i)
                through_[i] = psi[i] * carried[i];
            carried = through_.data();
        }
        for (const std::uint32_t q : carriers_[target]) {
            const Projection& projection = network_.projections()[q];
            counters.macs_learning += projection.topology->backproject(
                projection.backward(engine.spikes(projection.source)), carried,
                signals_[projection.source].data());
        }
    }
}

void Feedback::project_directly(const Engine& engine, std::span<const float> error,
                                Counters& counters) {
    for (std::uint32_t p = 0; p < signals_.size(); ++p) {
        if (p == training_.readout || signals_[p].empty()) continue;
        counters.macs_learning += weights_.project(p, error, signals_[p].data());
        if (const std::int32_t pooling = network_.description().pooling[p]; pooling >= 0) {
            const Projection& projection =
                network_.projections()[static_cast<std::size_t>(pooling)];
            if (!signals_[projection.source].empty())
                counters.macs_learning += projection.topology->backproject(
                    projection.backward(engine.spikes(projection.source)), signals_[p].data(),
                    signals_[projection.source].data());
        }
    }
    for (std::uint32_t p = 0; p < signals_.size(); ++p) silence(engine, p);
}

std::size_t Feedback::bytes() const {
    std::size_t bytes = through_.size() * sizeof(float);
    for (const auto& signal : signals_) bytes += signal.size() * sizeof(float);
    return bytes;
}

}  // namespace synfire
