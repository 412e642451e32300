#include "learning/input_lookahead.hpp"

#include <algorithm>

namespace synfire {

std::size_t InputLookahead::samples(std::uint32_t ticks) const {
    constexpr std::size_t most = 8;
    return std::clamp<std::size_t>(at_once_ / std::max(ticks, 1u), 1, most);
}

void InputLookahead::announce(std::vector<const SampleEvents*> samples) {
    announced_ = std::move(samples);
    computed_ = 0;
    engine_.reset();
}

void InputLookahead::begin(const SampleEvents& sample) {
    sample_ = &sample;
    if (announced_.empty() || announced_.front() != &sample) return announce({});
    announced_.erase(announced_.begin());
    computed_ -= std::min(computed_, static_cast<std::uint32_t>(engine_.tick() + 1));
    engine_.reset_for_next();
}

void InputLookahead::compute(std::uint32_t t) {
    by_tick_.clear();
    auto add = [&](const SampleEvents& sample, std::uint32_t from) {
        for (; from < sample.ticks() && by_tick_.size() < at_once_; ++from)
            by_tick_.push_back(sample.at(from));
    };
    add(*sample_, t);
    for (const SampleEvents* sample : announced_) add(*sample, 0);
    engine_.precompute_input(input_, t, by_tick_);
    computed_ = t + static_cast<std::uint32_t>(by_tick_.size());
}

}  // namespace synfire
