#include "learning/gradient_sum.hpp"

#include <utility>

namespace synfire {

GradientSum::GradientSum(const Network& network)
    : network_(network), total_(make_gradients(network)) {}

void GradientSum::put_aside(std::size_t lane, GradientArrays& gradients) {
    const std::lock_guard lock(mutex_);
    keep(lane, gradients);
}

void GradientSum::take_back(std::size_t lane, GradientArrays& gradients) {
    const std::lock_guard lock(mutex_);
    const auto kept = kept_.find(lane);
    if (kept == kept_.end()) return;
    exchange(kept->second, gradients);
    release(kept);
}

void GradientSum::finish(std::size_t lane, GradientArrays& gradients) {
    const std::lock_guard lock(mutex_);
    if (lane != next_) return keep(lane, gradients);
    add(gradients);
    for (auto kept = kept_.find(next_); kept != kept_.end(); kept = kept_.find(next_)) {
        add(kept->second);
        release(kept);
    }
}

void GradientSum::keep(std::size_t lane, GradientArrays& gradients) {
    if (spare_.empty()) spare_.push_back(make_gradients(network_));
    GradientArrays& kept = kept_[lane] = std::move(spare_.back());
    spare_.pop_back();
    exchange(kept, gradients);
}

void GradientSum::release(Kept::iterator kept) {
    spare_.push_back(std::move(kept->second));
    kept_.erase(kept);
}

void GradientSum::add(GradientArrays& gradients) {
    if (next_++ == 0)
        exchange(total_, gradients);
    else
        move_onto(total_, gradients);
}

}  // namespace synfire
