#include "learning/loss.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace synfire {

LossInstance make_loss(const NetworkDescription& network, const TrainingDescription& training,
                       std::uint32_t population) {
    const PopulationDescription& readout = network.populations[population];
    const MapShape shape = readout.shape.value_or(MapShape{});
    std::uint32_t input_channels = 0;
    for (const PopulationDescription& p : network.populations)
        if (p.takes_input() && p.shape) input_channels = p.shape->channels;
    const synfire_loss_site site{sizeof(synfire_loss_site),
                                 readout.size,
                                 training.window,
                                 readout.model->spikes() ? 1u : 0u,
                                 network.dt_ms,
                                 shape.channels,
                                 shape.rows,
                                 shape.columns,
                                 input_channels};
    return {training.loss.model->table, training.loss.parameters, site};
}

void check_loss(const NetworkDescription& network, const TrainingDescription& training,
                const std::string& pointer) {
    if (!training.readout) return;  // nothing that could be judged
    try {
        for (const JudgedOutput& judged : judged_outputs(network, training))
            make_loss(network, training, judged.population);
    } catch (const PluginError& error) {
        throw InputError({{pointer + "/loss/parameters", fmt::format("{}.", error.what()), "", 0}});
    }
}

WindowLoss::WindowLoss(const NetworkDescription& network, const TrainingDescription& training,
                       std::uint32_t population)
    : loss_(make_loss(network, training, population)),
      outputs_(network.populations[population].size),
      takes_events_(training.loss.model->takes_events()),
      output_(outputs_),
      error_(outputs_),
      last_error_(error_) {
    if (population == *training.readout) return;
    for (const PopulationDescription& p : network.populations)
        if (p.takes_input())
            coarse_.emplace(*p.shape, p.shape->rows / network.populations[population].shape->rows);
}

void WindowLoss::begin(const SampleEvents& sample) {
    sample_ = &sample;
    ticks_ = losses_ = 0;
    sum_ = 0;
    if (coarse_) coarse_->make(sample, takes_events_);
    if (!takes_events_) return;
    event_ticks_.resize(sample.units.size());
    for (std::uint32_t t = 0; t < sample.ticks(); ++t)
        std::fill(event_ticks_.begin() + sample.begin[t],
                  event_ticks_.begin() + sample.begin[t + 1], t);
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
    seen_ = ++ticks_;
    if (each_tick()) {
        tick_loss_ = evaluate();
        sum_ += tick_loss_;
        ++losses_;
    } else if (wants_error) {
        evaluate();
    }
}

std::uint32_t WindowLoss::close() {
    const std::uint32_t ticks = each_tick() ? 0 : ticks_;
    if (ticks > 0) {
        sum_ += evaluate();
        ++losses_;
    }
    ticks_ = 0;
    return ticks;
}

double WindowLoss::evaluate() {
    synfire_loss_window window{};
    window.size = sizeof window;
    window.outputs = static_cast<std::uint32_t>(outputs_);
    window.ticks = ticks_;
    window.rows = loss_.scope() == SYNFIRE_LOSS_OF_WINDOW ? ticks_ : 1;
    window.stride = outputs_;
    window.output = output_.data();
    const Target& target = coarse_ ? coarse_->target() : sample_->target;
    window.label = target.values ? UINT32_MAX : sample_->label;
    window.target = target.values;
    window.mask = target.mask;
    window.frames = target.frames;
    if (takes_events_) {
        window.event_neurons = coarse_ ? coarse_->events().data() : sample_->units.data();
        window.event_ticks = event_ticks_.data();
        window.event_count = static_cast<std::uint32_t>(event_ticks_.size());
        window.sample_ticks = sample_->ticks();
    }
    window.error = error_.data();
    loss_.evaluate(window);
    return window.loss;
}

std::span<const float> WindowLoss::error_of(std::uint32_t tick) const {
    const std::size_t row = loss_.scope() == SYNFIRE_LOSS_OF_WINDOW ? tick * outputs_ : 0;
    return {error_.data() + row, outputs_};
}

std::vector<float> WindowLoss::estimate() const {
    const bool of_sum = loss_.scope() == SYNFIRE_LOSS_OF_SUM;
    const std::size_t row = loss_.scope() == SYNFIRE_LOSS_OF_WINDOW ? seen_ - 1 : 0;
    const float part = of_sum ? 1.0f / static_cast<float>(seen_) : 1.0f;
    std::vector<float> estimate(outputs_);
    for (std::size_t k = 0; k < outputs_; ++k) estimate[k] = part * output_[row * outputs_ + k];
    return estimate;
}

std::size_t WindowLoss::bytes() const {
    if (loss_.scope() != SYNFIRE_LOSS_OF_WINDOW) return 0;
    return (output_.size() + error_.size()) * sizeof(float);
}

std::uint32_t argmax(std::span<const float> values) {
    return static_cast<std::uint32_t>(std::ranges::max_element(values) - values.begin());
}

}  // namespace synfire
