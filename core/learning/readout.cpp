#include "learning/readout.hpp"

#include <algorithm>

namespace synfire {

Readout::Readout(const NetworkDescription& network, const TrainingDescription& training)
    : loss_(network, training), population_(*training.readout), window_(training.window) {
    const PopulationDescription& readout = network.populations[population_];
    output_sum_.resize(readout.size);
    if (readout.model->spikes()) fired_.resize(readout.size);
}

bool Readout::used(const TrainingDescription& training, const NetworkDescription& network) {
    return !training.decoder.by_votes || std::ranges::any_of(network.projections, follows_gradient);
}

void Readout::begin(const SampleEvents& sample) {
    ticks_ = sample.ticks();
    loss_.begin(sample);
    std::ranges::fill(output_sum_, 0.0f);
}

void Readout::see(std::uint32_t t, const Engine& engine, bool wants_error) {
    std::span<const float> output = fired_;
    if (fired_.empty()) {
        output = {engine.output(population_), output_sum_.size()};
    } else {
        std::ranges::fill(fired_, 0.0f);
        for (const std::uint32_t i : engine.spikes(population_)) fired_[i] = 1.0f;
    }
    for (std::size_t k = 0; k < output_sum_.size(); ++k) output_sum_[k] += output[k];
    if (in_window(t)) loss_.see(t, output, wants_error);
}

}  // namespace synfire
