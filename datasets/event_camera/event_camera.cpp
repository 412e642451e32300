#include "event_camera/event_camera.hpp"

#include <cmath>

namespace synfire {

EventCamera::EventCamera(const Settings& settings, Random& random)
    : settings_(settings), threshold_(std::size_t{settings.rows} * settings.columns) {
    for (float& threshold : threshold_)
        threshold = settings.threshold * (1 + settings.mismatch * random.uniform(-1.7f, 1.7f));
    if (settings.refractory_s > 0) last_s_.assign(threshold_.size(), -settings.refractory_s);
}

void EventCamera::look(const std::vector<float>& log_intensity, float before, float now,
                       Random& random, std::vector<SimulatedEvent>& events) {
    if (!sees_) {
        remembered_ = log_intensity;
        sees_ = true;
        return;
    }
    auto fire = [&](std::size_t pixel, float seconds, bool on) {
        if (!last_s_.empty()) {
            if (seconds - last_s_[pixel] < settings_.refractory_s) return;
            last_s_[pixel] = seconds;
        }
        events.push_back({seconds, static_cast<std::uint16_t>(pixel % settings_.columns),
                          static_cast<std::uint16_t>(pixel / settings_.columns), on});
    };
    for (std::size_t pixel = 0; pixel < remembered_.size(); ++pixel) {
        const float change = log_intensity[pixel] - remembered_[pixel];
        const auto count = static_cast<int>(std::fabs(change) / threshold_[pixel]);
        for (int k = 0; k < count; ++k) {
            const float part = static_cast<float>(k + 1) * threshold_[pixel] / std::fabs(change);
            fire(pixel,
                 settings_.at_crossing ? before + part * (now - before)
                                       : random.uniform(before, now),
                 change > 0);
        }
        remembered_[pixel] += std::copysign(static_cast<float>(count) * threshold_[pixel], change);
    }
    const float expected =
        settings_.noise_hz * (now - before) * static_cast<float>(remembered_.size());
    const auto noise = static_cast<int>(expected + random.uniform());
    for (int k = 0; k < noise; ++k) {
        const bool on = random.uniform() < 0.5f;
        const std::uint32_t pixel = random.below(static_cast<std::uint32_t>(remembered_.size()));
        fire(pixel, random.uniform(before, now), on);
    }
}

}  // namespace synfire
