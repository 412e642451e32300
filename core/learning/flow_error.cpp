#include "learning/flow_error.hpp"

#include <cmath>
#include <vector>

#include "learning/event_set.hpp"

namespace synfire {

std::optional<FlowError> flow_error(const Target& target, std::span<const float> estimate) {
    FlowError sum;
    std::size_t count = 0;
    for (std::size_t pixel = 0; pixel < target.shape.pixels(); ++pixel) {
        if (target.mask[pixel] == 0) continue;
        const double x = target.values[2 * pixel], y = target.values[2 * pixel + 1];
        const double error = std::hypot(estimate[2 * pixel] - x, estimate[2 * pixel + 1] - y);
        sum.endpoint += error;
        sum.outliers += error > 3 && error > 0.05 * std::hypot(x, y);
        ++count;
    }
    if (count == 0) return std::nullopt;
    const auto pixels = static_cast<double>(count);
    return FlowError{sum.endpoint / pixels, sum.outliers / pixels};
}

std::optional<FlowError> error_of_mean_flow(const EventSet& training, const EventSet& test) {
    if (!training.target_kind.any()) return std::nullopt;
    double sum[2] = {0, 0}, count = 0;
    for (std::size_t i = 0; i < training.size(); ++i) {
        const Target target = training.target(i);
        for (std::size_t pixel = 0; pixel < target.shape.pixels(); ++pixel) {
            if (target.mask[pixel] == 0) continue;
            for (std::size_t k = 0; k < 2; ++k) sum[k] += double{target.values[2 * pixel + k]};
            ++count;
        }
    }
    if (count == 0) return std::nullopt;
    std::vector<float> mean(training.target_kind.shape.size());
    for (std::size_t k = 0; k < mean.size(); ++k) mean[k] = static_cast<float>(sum[k % 2] / count);
    FlowError all;
    double recordings = 0;
    for (std::size_t i = 0; i < test.size(); ++i)
        if (const auto error = flow_error(test.target(i), mean)) {
            all.endpoint += error->endpoint;
            all.outliers += error->outliers;
            ++recordings;
        }
    if (recordings == 0) return std::nullopt;
    return FlowError{all.endpoint / recordings, all.outliers / recordings};
}

}  // namespace synfire
