#include "experiment/spike_schedule.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/numbers.hpp"
#include "experiment/spike_file.hpp"
#include "json/form.hpp"

namespace synfire {
using json = nlohmann::json;

std::optional<SpikeEvent> event_of(const json& pair, std::uint64_t ticks, std::uint32_t neurons) {
    if (!pair.is_array() || pair.size() != 2) return std::nullopt;
    const auto tick = whole_of(pair[0]), neuron = whole_of(pair[1]);
    const bool fits = tick && neuron && *tick >= 0 && static_cast<std::uint64_t>(*tick) < ticks &&
                      *neuron >= 0 && *neuron < neurons;
    if (!fits) return std::nullopt;
    return SpikeEvent{*tick, static_cast<std::uint32_t>(*neuron)};
}

SpikeSchedule::SpikeSchedule(const json& population, std::uint32_t size, const std::string& place,
                             Problems& problems) {
    std::vector<SpikeEvent> events;
    if (!population.contains("events") && !population.contains("file"))
        problems.push_back({place, "A spike source needs \"events\", \"file\" or both.", "", 0});
    if (population.contains("events")) {
        const json& list = population.at("events");
        for (std::size_t i = 0; i < list.size(); ++i) {
            if (const auto event = event_of(list[i], SpikeEvent::most_ticks, size))
                events.push_back(*event);
            else
                problems.push_back(
                    {fmt::format("{}/events/{}", place, i),
                     fmt::format("{} is no event; expected [tick, neuron] with a "
                                 "tick of 0 to {} and a neuron of 0 to {}.",
                                 shown(list[i]), number_text(largest_whole), size - 1),
                     "", 0});
        }
    }
    if (population.contains("file")) {
        const std::string why = read_spike_file(population.at("file"), size, events);
        if (!why.empty()) problems.push_back({place + "/file", why, "", 0});
    }
    std::ranges::sort(events);
    const auto repeated = std::unique(events.begin(), events.end());
    merged_ = static_cast<std::uint64_t>(events.end() - repeated);
    events.erase(repeated, events.end());
    for (const SpikeEvent& e : events) {
        if (ticks_.empty() || ticks_.back() != e.tick) {
            ticks_.push_back(e.tick);
            begin_.push_back(neurons_.size());
        }
        neurons_.push_back(e.neuron);
    }
    begin_.push_back(neurons_.size());
}

std::size_t SpikeSchedule::first_after(std::int64_t tick) const {
    return static_cast<std::size_t>(std::ranges::upper_bound(ticks_, tick) - ticks_.begin());
}

std::span<const std::uint32_t> SpikeSchedule::at(std::int64_t tick) const {
    const std::size_t k = first_after(tick - 1);
    if (k == ticks_.size() || ticks_[k] != tick) return {};
    return {neurons_.data() + begin_[k], neurons_.data() + begin_[k + 1]};
}

std::int64_t SpikeSchedule::next_tick(std::int64_t tick) const {
    const std::size_t k = first_after(tick);
    return k == ticks_.size() ? never : ticks_[k];
}

}  // namespace synfire
