#include "learning/readout.hpp"

#include <algorithm>
#include <utility>

#include "learning/loss.hpp"

namespace synfire {

Readout::Readout(const TrainingDescription& training, std::uint32_t outputs)
    : training_(training), output_sum_(outputs), window_sum_(outputs), error_(outputs) {}

bool Readout::used(const TrainingDescription& training, const NetworkDescription& network) {
    return !training.decoder.by_votes || std::ranges::any_of(network.projections, follows_gradient);
}

void Readout::begin(std::uint32_t label, std::uint32_t ticks) {
    label_ = label;
    ticks_ = ticks;
    stretch_ = 0;
    losses_ = 0;
    loss_ = 0;
    std::ranges::fill(output_sum_, 0.0f);
    std::ranges::fill(window_sum_, 0.0f);
}

void Readout::see(std::uint32_t t, std::span<const float> output, bool so_far) {
    for (std::size_t k = 0; k < output_sum_.size(); ++k) output_sum_[k] += output[k];
    if (!in_window(t)) return;
    if (training_.loss == LossKind::each_tick) {
        tick_loss_ = softmax_cross_entropy(output, label_, error_);
        error_[label_] -= 1.0f;
        note_loss(tick_loss_);
        return;
    }
    for (std::size_t k = 0; k < window_sum_.size(); ++k) window_sum_[k] += output[k];
    if (!so_far) return;
    softmax_cross_entropy(window_sum_, label_, error_);
    error_[label_] -= 1.0f;
}

std::optional<std::int64_t> Readout::end_stretch(std::int64_t end) {
    const std::int64_t window = std::int64_t{ticks_} - training_.window;
    const std::int64_t first = std::max({std::exchange(stretch_, end), window, std::int64_t{0}});
    if (end <= window) return std::nullopt;
    if (training_.loss == LossKind::of_sum) {
        note_loss(softmax_cross_entropy(window_sum_, label_, error_));
        error_[label_] -= 1.0f;
        std::ranges::fill(window_sum_, 0.0f);
    }
    return first;
}

void Readout::note_loss(double loss) {
    loss_ += loss;
    ++losses_;
}

std::uint32_t Readout::prediction() const {
    return argmax(output_sum_);
}

}  // namespace synfire
