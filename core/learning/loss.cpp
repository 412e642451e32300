#include "learning/loss.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace synfire {

LossInstance make_loss(const NetworkDescription& network, const TrainingDescription& training) {
    const PopulationDescription& readout = network.populations[*training.readout];
    const synfire_loss_site site{sizeof(synfire_loss_site), readout.size, training.window,
                                 readout.model->spikes() ? 1u : 0u, network.dt_ms};
    return {training.loss.model->table, training.loss.parameters, site};
}

void check_loss(const NetworkDescription& network, const TrainingDescription& training,
                const std::string& pointer) {
    if (!training.readout) return;  // nothing that could be judged
    try {
        make_loss(network, training);
    } catch (const PluginError& error) {
        throw InputError({{pointer + "/loss/parameters", fmt::format("{}.", error.what()), "", 0}});
    }
}

WindowLoss::WindowLoss(const NetworkDescription& network, const TrainingDescription& training)
    : loss_(make_loss(network, training)),
      outputs_(network.populations[*training.readout].size),
      output_(outputs_),
      error_(outputs_),
      last_error_(error_) {}

void WindowLoss::begin(std::uint32_t label) {
    label_ = label;
    ticks_ = losses_ = 0;
    sum_ = 0;
}

void WindowLoss::see(std::int64_t tick, std::span<const float> output, bool wants_error) {
    if (ticks_ == 0 || each_tick()) {
        first_ = tick;
        ticks_ = 0;
    }
    const std::uint32_t scope = loss_.scope();
    if (scope == SYNFIRE_LOSS_OF_WINDOW) {
        const std::size_t row = ticks_ * outputs_;
        if (output_.size() < row + outputs_) {
            output_.resize(row + outputs_);
            error_.resize(row + outputs_);
        }
        std::ranges::copy(output, output_.begin() + static_cast<std::ptrdiff_t>(row));
        last_error_ = {error_.data() + row, outputs_};
    } else if (scope == SYNFIRE_LOSS_OF_SUM && ticks_ > 0) {
        for (std::size_t k = 0; k < outputs_; ++k) output_[k] += output[k];
    } else {
        std::ranges::copy(output, output_.begin());
    }
    ++ticks_;
    if (each_tick()) {
        tick_loss_ = evaluate();
        sum_ += tick_loss_;
        ++losses_;
    } else if (wants_error) {
        evaluate();
    }
}

void WindowLoss::finish() {
    sum_ += evaluate();
    ++losses_;
}

double WindowLoss::evaluate() {
    synfire_loss_window window{};
    window.size = sizeof window;
    window.outputs = static_cast<std::uint32_t>(outputs_);
    window.ticks = ticks_;
    window.rows = loss_.scope() == SYNFIRE_LOSS_OF_WINDOW ? ticks_ : 1;
    window.stride = outputs_;
    window.output = output_.data();
    window.label = label_;
    window.error = error_.data();
    loss_.evaluate(window);
    return window.loss;
}

std::span<const float> WindowLoss::error_of(std::uint32_t tick) const {
    const std::size_t row = loss_.scope() == SYNFIRE_LOSS_OF_WINDOW ? tick * outputs_ : 0;
    return {error_.data() + row, outputs_};
}

std::size_t WindowLoss::bytes() const {
    if (loss_.scope() != SYNFIRE_LOSS_OF_WINDOW) return 0;
    return (output_.size() + error_.size()) * sizeof(float);
}

std::uint32_t argmax(std::span<const float> values) {
    return static_cast<std::uint32_t>(std::ranges::max_element(values) - values.begin());
}

}  // namespace synfire
