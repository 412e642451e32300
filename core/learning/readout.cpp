#include "learning/readout.hpp"

#include <algorithm>

namespace synfire {

Readout::Readout(const NetworkDescription& network, const TrainingDescription& training)
    : window_(training.window) {
    for (const JudgedOutput& judged : judged_outputs(network, training)) {
        const bool spikes = network.populations[judged.population].model->spikes();
        judged_.push_back({judged, WindowLoss(network, training, judged.population),
                           std::vector<float>(spikes ? judged.size : 0)});
        error_.resize(judged.first + judged.size);
    }
    output_sum_.resize(judged_.front().output.size);
}

bool Readout::used(const TrainingDescription& training, const NetworkDescription& network) {
    return !training.decoder.by_votes || std::ranges::any_of(network.projections, follows_gradient);
}

void Readout::begin(const SampleEvents& sample) {
    ticks_ = sample.ticks();
    for (Judged& one : judged_) one.loss.begin(sample);
    std::ranges::fill(output_sum_, 0.0f);
}

void Readout::see(std::uint32_t t, const Engine& engine, bool wants_error) {
    for (Judged& one : judged_) {
        const std::span<const float> output = this->output(one, engine);
        if (one.output.first == 0)
            for (std::size_t k = 0; k < output_sum_.size(); ++k) output_sum_[k] += output[k];
        if (!in_window(t)) continue;
        one.loss.see(t, output, wants_error);
        put_error(one, one.loss.error());
    }
}

std::span<const float> Readout::output(Judged& one, const Engine& engine) const {
    if (one.fired.empty()) return {engine.output(one.output.population), one.output.size};
    std::ranges::fill(one.fired, 0.0f);
    for (const std::uint32_t i : engine.spikes(one.output.population)) one.fired[i] = 1.0f;
    return one.fired;
}

void Readout::put_error(const Judged& one, std::span<const float> error) {
    std::ranges::copy(error, error_.begin() + static_cast<std::ptrdiff_t>(one.output.first));
}

double Readout::sum(double (WindowLoss::*of)() const) const {
    double sum = 0;
    for (const Judged& one : judged_) sum += (one.loss.*of)();
    return sum;
}

std::size_t Readout::loss_bytes() const {
    std::size_t bytes = 0;
    for (const Judged& one : judged_) bytes += one.loss.bytes();
    return bytes;
}

}  // namespace synfire
