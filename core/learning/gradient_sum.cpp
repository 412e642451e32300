#include "learning/gradient_sum.hpp"

#include <utility>

namespace synfire {

GradientSum::GradientSum(const Network& network)
    : network_(network), total_(make_gradients(network)) {}

void GradientSum::suspend(std::size_t lane, GradientArrays& gradients) {
    const std::lock_guard lock(mutex_);
    keep(suspended_, lane, gradients);
}

void GradientSum::resume(std::size_t lane, GradientArrays& gradients) {
    const std::lock_guard lock(mutex_);
    const auto kept = suspended_.find(lane);
    exchange(kept->second, gradients);
    release(suspended_, kept);
}

void GradientSum::finish(std::size_t lane, GradientArrays& gradients) {
    const std::lock_guard lock(mutex_);
    if (lane != next_) return keep(early_, lane, gradients);
    add(gradients);
    for (auto kept = early_.find(next_); kept != early_.end(); kept = early_.find(next_)) {
        add(kept->second);
        release(early_, kept);
    }
}

void GradientSum::keep(Kept& in, std::size_t lane, GradientArrays& gradients) {
    if (spare_.empty()) spare_.push_back(make_gradients(network_));
    GradientArrays& kept = in[lane] = std::move(spare_.back());
    spare_.pop_back();
    exchange(kept, gradients);
}

void GradientSum::release(Kept& from, Kept::iterator kept) {
    spare_.push_back(std::move(kept->second));
    from.erase(kept);
}

std::size_t GradientSum::bytes() const {
    std::size_t bytes = synfire::bytes(total_);
    for (const GradientArrays& spare : spare_) bytes += synfire::bytes(spare);
    return bytes;
}

void GradientSum::add(GradientArrays& gradients) {
    if (next_++ == 0)
        exchange(total_, gradients);
    else
        synfire::add(total_, gradients);
}

}  // namespace synfire
