#include "learning/event_set.hpp"

#include <algorithm>

#include "base/fingerprint.hpp"

namespace synfire {

void EventSet::add(std::vector<std::uint32_t>& recording_keys, std::uint32_t label) {
    std::ranges::sort(recording_keys);
    const auto end = std::unique(recording_keys.begin(), recording_keys.end());
    merged += static_cast<std::uint64_t>(recording_keys.end() - end);
    keys.insert(keys.end(), recording_keys.begin(), end);
    begin.push_back(keys.size());
    labels.push_back(label);
}

void EventSet::limit(std::size_t count) {
    if (count >= size()) return;
    labels.resize(count);
    begin.resize(count + 1);
    keys.resize(begin.back());
}

std::uint64_t EventSet::fingerprint() const {
    Fingerprint fingerprint;
    fingerprint.add(units);
    fingerprint.add(ticks);
    for (std::size_t i = 0; i < size(); ++i) {
        const auto events = recording(i);
        fingerprint.add(labels[i]);
        // Where a recording ends is part of it: an event may not pass to the next unseen.
        fingerprint.add(static_cast<std::uint32_t>(events.size()));
        for (const std::uint32_t key : events) fingerprint.add(key);
    }
    return fingerprint.value();
}

void SampleEvents::assign(std::span<const std::uint32_t> keys, std::uint32_t unit_count,
                          std::uint32_t tick_count) {
    units.resize(keys.size());
    begin.assign(1, 0);
    std::size_t k = 0;
    std::uint64_t first = 0;  // key of unit 0 at the tick being filled
    for (std::uint32_t t = 0; t < tick_count; ++t, first += unit_count) {
        for (; k < keys.size() && keys[k] < first + unit_count; ++k)
            units[k] = static_cast<std::uint32_t>(keys[k] - first);
        begin.push_back(static_cast<std::uint32_t>(k));
    }
}

}  // namespace synfire
