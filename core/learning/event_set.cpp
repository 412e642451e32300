#include "learning/event_set.hpp"

#include <algorithm>

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

void SampleEvents::assign(std::span<const std::uint32_t> keys, std::uint32_t unit_count,
                          std::uint32_t tick_count) {
    units.clear();
    begin.assign(1, 0);
    std::uint64_t first = 0;  // key of unit 0 at the tick being filled
    for (const std::uint32_t key : keys) {
        while (key >= first + unit_count) {
            first += unit_count;
            begin.push_back(static_cast<std::uint32_t>(units.size()));
        }
        units.push_back(static_cast<std::uint32_t>(key - first));
    }
    while (begin.size() <= tick_count) begin.push_back(static_cast<std::uint32_t>(units.size()));
}

}  // namespace synfire
