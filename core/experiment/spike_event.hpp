// One spike of a population that is laid down beforehand.
#pragma once

#include <compare>
#include <cstdint>

namespace synfire {

struct SpikeEvent {
    static constexpr std::uint64_t most_ticks = std::uint64_t{1} << 62;

    std::int64_t tick;  // 0 to most_ticks - 1
    std::uint32_t neuron;
    auto operator<=>(const SpikeEvent&) const = default;
};

}  // namespace synfire
