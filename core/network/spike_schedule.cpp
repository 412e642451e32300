#include "network/spike_schedule.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <fstream>

#include "network/form.hpp"

namespace synfire {
namespace {

using json = nlohmann::json;

// "12,3" in full.
bool read_pair(std::string_view line, std::uint64_t& tick, std::uint64_t& neuron) {
    if (line.ends_with('\r')) line.remove_suffix(1);
    const char* const end = line.data() + line.size();
    const auto first = std::from_chars(line.data(), end, tick);
    if (first.ec != std::errc() || first.ptr == end || *first.ptr != ',') return false;
    const auto second = std::from_chars(first.ptr + 1, end, neuron);
    return second.ec == std::errc() && second.ptr == end;
}

}  // namespace

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
    constexpr std::uint64_t most_ticks = std::uint64_t{1} << 62;
    std::vector<SpikeEvent> events;
    if (!population.contains("events") && !population.contains("file"))
        problems.push_back({place, "A spike source needs \"events\", \"file\" or both.", "", 0});
    if (population.contains("events")) {
        const json& list = population.at("events");
        for (std::size_t i = 0; i < list.size(); ++i) {
            if (const auto event = event_of(list[i], most_ticks, size))
                events.push_back(*event);
            else
                problems.push_back({fmt::format("{}/events/{}", place, i),
                                    fmt::format("{} is no event; expected [tick, neuron] with a "
                                                "tick of 0 or more and a neuron of 0 to {}.",
                                                shown(list[i]), size - 1),
                                    "", 0});
        }
    }
    if (population.contains("file"))
        read_file(population.at("file"), size, place + "/file", events, problems);
    std::ranges::sort(events);
    events.erase(std::unique(events.begin(), events.end()), events.end());
    for (const SpikeEvent& e : events) {
        if (ticks_.empty() || ticks_.back() != e.tick) {
            ticks_.push_back(e.tick);
            begin_.push_back(neurons_.size());
        }
        neurons_.push_back(e.neuron);
    }
    begin_.push_back(neurons_.size());
}

void SpikeSchedule::read_file(const std::string& path, std::uint32_t size, const std::string& place,
                              std::vector<SpikeEvent>& events, Problems& problems) {
    std::ifstream file(path);
    std::string line;
    if (!std::getline(file, line)) {
        problems.push_back({place, fmt::format("{} cannot be read.", path), "", 0});
        return;
    }
    for (std::size_t number = 1; file; ++number, std::getline(file, line)) {
        if (line.empty() || (number == 1 && line.starts_with("tick,neuron"))) continue;
        std::uint64_t tick = 0, neuron = 0;
        if (!read_pair(line, tick, neuron) || tick >> 62 || neuron >= size) {
            problems.push_back(
                {place,
                 fmt::format("{}, line {}: '{}' is no event; expected tick,neuron with a neuron "
                             "of 0 to {}.",
                             path, number, line, size - 1),
                 "", 0});
            return;
        }
        events.push_back({static_cast<std::int64_t>(tick), static_cast<std::uint32_t>(neuron)});
    }
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
