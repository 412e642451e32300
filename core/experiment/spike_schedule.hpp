// Spikes that are laid down beforehand, by tick: what a population of "neuron": "spike_source"
// fires.
#pragma once

#include <cstdint>
#include <limits>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/problem.hpp"
#include "experiment/spike_event.hpp"

namespace synfire {

// The event that [tick, neuron] names, where both are whole numbers from 0 and below these bounds.
std::optional<SpikeEvent> event_of(const nlohmann::json& pair, std::uint64_t ticks,
                                   std::uint32_t neurons);

class SpikeSchedule {
  public:
    static constexpr std::int64_t never = std::numeric_limits<std::int64_t>::max();

    // From "events", a list of [tick, neuron], and "file" (experiment/spike_file.hpp); both may be
    // there. size: neurons of the population. Adds problems with pointers below `place`.
    SpikeSchedule(const nlohmann::json& population, std::uint32_t size, const std::string& place,
                  Problems& problems);

    // Ascending neurons, each once.
    std::span<const std::uint32_t> at(std::int64_t tick) const;
    // The first tick after the given one at which anything fires, or never.
    std::int64_t next_tick(std::int64_t tick) const;
    // Events that were given more than once and fire once.
    std::uint64_t merged() const { return merged_; }

  private:
    std::size_t first_after(std::int64_t tick) const;

    std::vector<std::int64_t> ticks_;  // at which anything fires, ascending
    std::vector<std::size_t> begin_;   // neurons of ticks_[k]: begin_[k] .. begin_[k + 1] - 1
    std::vector<std::uint32_t> neurons_;
    std::uint64_t merged_ = 0;
};

}  // namespace synfire
