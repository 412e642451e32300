#include "learning/coarse_target.hpp"

#include <algorithm>

namespace synfire {

CoarseTarget::CoarseTarget(const MapShape& input, std::uint32_t factor)
    : input_(input),
      coarse_{input.channels, input.rows / factor, input.columns / factor},
      factor_(factor) {}

void CoarseTarget::make(const SampleEvents& sample, bool with_events) {
    const Target& fine = sample.target;
    const TargetKind kind{{fine.values ? fine.shape.channels : 0, coarse_.rows, coarse_.columns},
                          fine.frames != nullptr};
    target_ = {};
    if (fine.values) {
        floats_.assign(kind.floats(), 0.0f);
        target_ = {kind, floats_.data()};
        average_values(fine);
        for (std::size_t k = 0; fine.frames && k < 2; ++k)
            average_frame(fine.frames + k * fine.shape.pixels(),
                          floats_.data() + (target_.frames - floats_.data()) + k * kind.pixels());
    }
    if (!with_events) return;
    events_.resize(sample.units.size());
    std::ranges::transform(sample.units, events_.begin(), [&](std::uint32_t neuron) {
        const std::uint32_t pixel = neuron / input_.channels;
        return coarse_.neuron(neuron % input_.channels, pixel / input_.columns / factor_,
                              pixel % input_.columns / factor_);
    });
}

void CoarseTarget::average_values(const Target& fine) {
    const MapShape& shape = target_.shape;
    float* const mask = floats_.data() + shape.size();
    for (std::uint32_t row = 0; row < shape.rows; ++row)
        for (std::uint32_t column = 0; column < shape.columns; ++column) {
            float count = 0;
            float* const mean = floats_.data() + shape.neuron(0, row, column);
            for (std::uint32_t y = row * factor_; y < (row + 1) * factor_; ++y)
                for (std::uint32_t x = column * factor_; x < (column + 1) * factor_; ++x) {
                    const float counts = fine.mask[std::size_t{y} * fine.shape.columns + x];
                    count += counts;
                    const float* const values = fine.values + fine.shape.neuron(0, y, x);
                    for (std::uint32_t c = 0; c < shape.channels; ++c)
                        mean[c] += counts * values[c];
                }
            if (count == 0) continue;
            mask[std::size_t{row} * shape.columns + column] = 1;
            for (std::uint32_t c = 0; c < shape.channels; ++c)
                mean[c] /= count * static_cast<float>(factor_);
        }
}

void CoarseTarget::average_frame(const float* fine, float* coarse) const {
    const auto area = static_cast<float>(factor_ * factor_);
    for (std::uint32_t y = 0; y < input_.rows; ++y)
        for (std::uint32_t x = 0; x < input_.columns; ++x)
            coarse[std::size_t{y / factor_} * coarse_.columns + x / factor_] +=
                fine[std::size_t{y} * input_.columns + x] / area;
}

}  // namespace synfire
