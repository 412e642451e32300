#include "gestures/motion.hpp"

#include <cmath>
#include <numbers>

namespace synfire::gestures {
namespace {

constexpr float pi = std::numbers::pi_v<float>;

}  // namespace

Motion::Motion(std::uint32_t kind, float rows, float columns, float duration_s, Random& random)
    : kind_(kind), duration_(duration_s) {
    x_ = random.uniform(0, columns);
    y_ = random.uniform(0, rows);
    speed_ = random.uniform(1.0f, 1.6f) * columns / duration_s;
    radius_ = random.uniform(0.18f, 0.26f) * columns;
    swing_ = random.uniform(0.15f, 0.22f) * columns;
    frequency_ = random.uniform(2.0f, 2.6f) / duration_s;
    phase_ = random.uniform(0, 2 * pi);
    const float wobble = random.uniform(-0.15f, 0.15f);
    const float any_direction = random.uniform(0, 2 * pi);
    switch (kind_) {
        case right:
            direction_ = wobble;
            break;
        case down:
            direction_ = pi / 2 + wobble;
            break;
        case left:
            direction_ = pi + wobble;
            break;
        case up:
            direction_ = -pi / 2 + wobble;
            break;
        default:
            direction_ = any_direction;
    }
}

Pose Motion::at(float seconds) const {
    const float along = std::cos(direction_), across = std::sin(direction_);
    const float swing = std::sin(2 * pi * frequency_ * seconds + phase_);
    switch (kind_) {
        case turn_left:
        case turn_right: {
            const float sense = kind_ == turn_right ? 1.0f : -1.0f;
            const float angle = direction_ + sense * speed_ / radius_ * seconds;
            return {x_ + radius_ * std::cos(angle), y_ + radius_ * std::sin(angle), 1};
        }
        case approach:
            return {x_, y_, 0.5f + 1.3f * seconds / duration_};
        case recede:
            return {x_, y_, 1.8f - 1.3f * seconds / duration_};
        case pulse:
            return {x_, y_, 1.15f + 0.55f * swing};
        case wave:
            return {x_ + 1.5f * swing_ * swing * along, y_ + 1.5f * swing_ * swing * across, 1};
        case zigzag: {
            const float drift = 0.7f * speed_ * seconds;
            return {x_ + drift * along - swing_ * swing * across,
                    y_ + drift * across + swing_ * swing * along, 1};
        }
        default:
            return {x_ + speed_ * seconds * along, y_ + speed_ * seconds * across, 1};
    }
}

}  // namespace synfire::gestures
