#include "engine/releases.hpp"

#include <algorithm>
#include <utility>

namespace synfire {

Releases::Releases(const Projection& projection)
    : release_(*projection.release),
      state_(*release_.table().description, {}, {.pre = projection.topology->pre_count()}),
      last_(projection.topology->pre_count(), -1) {}

void Releases::reset() {
    state_.reset();
    std::ranges::fill(last_, -1);
}

ScaledSpikes Releases::arrive(std::span<const std::uint32_t> sources, std::int64_t tick) {
    ticks_.clear();
    for (const std::uint32_t j : sources) {
        constexpr std::int64_t most = UINT32_MAX - 1;
        const std::int64_t last = std::exchange(last_[j], tick);
        ticks_.push_back(last < 0 ? UINT32_MAX
                                  : static_cast<std::uint32_t>(std::min(tick - last, most)));
    }
    factors_.resize(sources.size());
    synfire_release_spikes spikes{sizeof(synfire_release_spikes),
                                  static_cast<std::uint32_t>(sources.size()),
                                  sources.data(),
                                  ticks_.data(),
                                  state_.columns(),
                                  factors_.data()};
    release_.release(spikes);
    return {sources, factors_};
}

std::size_t Releases::bytes() const {
    return state_.bytes() + last_.size() * sizeof(std::int64_t);
}

}  // namespace synfire
