#include "engine/precomputed_input.hpp"

#include <algorithm>

namespace synfire {
namespace {

// Weights are read once for all of them: the larger these are, the more. Beyond that they gain
// little, and leave less of a cache to others.
std::uint32_t ticks_to_hold(const Topology& topology) {
    constexpr std::size_t fewest_bytes = std::size_t{3} << 19, most_ticks = 1024;
    const std::size_t row = padded(topology.post_count()) * sizeof(float);
    const std::size_t bytes = std::max(fewest_bytes, topology.pre_count() * row / 2);
    return static_cast<std::uint32_t>(std::min(most_ticks, bytes / row));
}

}  // namespace

bool PrecomputedInput::pays_off(const Network& network, const Projection& first) {
    const Population& target = network.populations()[first.target];
    return network.populations()[first.source].description.takes_input() && first.delay == 0 &&
           !first.release && first.topology->gains_from_many() && !target.by_event &&
           !target.description.model->input_is_double() && ticks_to_hold(*first.topology) > 1;
}

PrecomputedInput::PrecomputedInput(const Projection& first)
    : first_(first), capacity_(ticks_to_hold(*first.topology)) {}

void PrecomputedInput::sum(std::int64_t from, std::span<const std::span<const std::uint32_t>> ticks,
                           std::span<const float> biases) {
    if (sums_.rows < ticks.size())
        sums_ = Matrix(static_cast<std::uint32_t>(ticks.size()), first_.topology->post_count());
    first_.topology->deliver_ticks(first_.used(), ticks, biases, sums_);
    from_ = from;
    to_ = from + static_cast<std::int64_t>(ticks.size());
}

}  // namespace synfire
