#include "profile/profile.hpp"

#include <utility>

namespace synfire {

void Span::begin() {
    outer_inside_ = std::exchange(profile_->inside_, 0);
    begin_ = profile_clock();
}

void Span::end() {
    const std::uint64_t now = profile_clock();
    const std::uint64_t whole = now - begin_;
    auto& places = profile_->totals_[static_cast<std::size_t>(stage_)];
    if (places.size() <= place_) places.resize(place_ + 1);
    Profile::Total& total = places[place_];
    total.clocks += whole - profile_->inside_;
    ++total.calls;
    total.work += work_;
    profile_->inside_ = outer_inside_ + whole;
    if (profile_->traces()) profile_->spans_.push_back({stage_, place_, begin_, now, work_.events});
}

Profiler::Profiler(std::size_t workers, std::size_t traced) {
    for (std::size_t i = 0; i <= workers; ++i) profiles_.emplace_back(traced / (workers + 1));
}

void Profiler::start() {
    start_ = std::chrono::steady_clock::now();
    start_clock_ = profile_clock();
}

void Profiler::stop() {
    const std::uint64_t clocks = profile_clock() - start_clock_;
    wall_s_ = std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
    seconds_per_clock_ = clocks > 0 ? wall_s_ / static_cast<double>(clocks) : 0;
}

}  // namespace synfire
