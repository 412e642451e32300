#include "gestures/camera.hpp"

#include <cmath>

namespace synfire::gestures {
namespace {

constexpr float mean_threshold = 0.3f;  // of log intensity
constexpr float mismatch = 0.1f;        // its relative deviation between pixels

}  // namespace

Camera::Camera(std::uint32_t rows, std::uint32_t columns, float noise_hz, Random& random)
    : columns_(columns), noise_hz_(noise_hz), threshold_(rows * columns) {
    for (float& threshold : threshold_)
        threshold = mean_threshold * (1 + mismatch * random.uniform(-1.7f, 1.7f));
}

void Camera::look(const std::vector<float>& log_intensity, float before, float now, Random& random,
                  std::vector<Event>& events) {
    if (!sees_) {
        remembered_ = log_intensity;
        sees_ = true;
        return;
    }
    auto fire = [&](std::size_t pixel, bool on) {
        events.push_back({random.uniform(before, now), static_cast<std::uint16_t>(pixel % columns_),
                          static_cast<std::uint16_t>(pixel / columns_), on});
    };
    for (std::size_t pixel = 0; pixel < remembered_.size(); ++pixel) {
        const float change = log_intensity[pixel] - remembered_[pixel];
        const auto count = static_cast<int>(std::fabs(change) / threshold_[pixel]);
        for (int k = 0; k < count; ++k) fire(pixel, change > 0);
        remembered_[pixel] += std::copysign(static_cast<float>(count) * threshold_[pixel], change);
    }
    const float expected = noise_hz_ * (now - before) * static_cast<float>(remembered_.size());
    const auto noise = static_cast<int>(expected + random.uniform());
    for (int k = 0; k < noise; ++k)
        fire(random.below(static_cast<std::uint32_t>(remembered_.size())), random.uniform() < 0.5f);
}

}  // namespace synfire::gestures
