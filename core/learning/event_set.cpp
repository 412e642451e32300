#include "learning/event_set.hpp"

#include <algorithm>
#include <bit>

#include "base/fingerprint.hpp"
#include "base/mapped_file.hpp"

namespace synfire {

void EventSet::add(std::vector<std::uint32_t>& recording_keys, std::uint32_t label,
                   std::span<const float> target) {
    fingerprint_.reset();
    targets_in_memory_.insert(targets_in_memory_.end(), target.begin(), target.end());
    std::ranges::sort(recording_keys);
    const auto end = std::unique(recording_keys.begin(), recording_keys.end());
    merged += static_cast<std::uint64_t>(recording_keys.end() - end);
    in_memory_.insert(in_memory_.end(), recording_keys.begin(), end);
    begin.push_back(in_memory_.size());
    labels.push_back(label);
}

void EventSet::limit(std::size_t count) {
    if (count >= size()) return;
    fingerprint_.reset();
    labels.resize(count);
    begin.resize(count + 1);
    if (!file_ && target_kind.any()) targets_in_memory_.resize(count * target_kind.floats());
    if (file_)
        in_file_ = in_file_.first(begin.back());
    else
        in_memory_.resize(begin.back());
}

void EventSet::keep_in(std::shared_ptr<const MappedFile> file, std::uint64_t offset,
                       std::uint64_t count, std::uint64_t targets_offset) {
    file_ = std::move(file);
    if (target_kind.any())
        targets_in_file_ = {reinterpret_cast<const float*>(file_->bytes().data() + targets_offset),
                            size() * target_kind.floats()};
    targets_in_memory_ = {};
    in_file_ = {reinterpret_cast<const std::uint32_t*>(file_->bytes().data() + offset), count};
    in_memory_ = {};
}

void EventSet::read_ahead(std::span<const std::uint32_t> recordings) const {
    if (!file_) return;
    for (const std::uint32_t r : recordings) file_->read_ahead(std::as_bytes(recording(r)));
}

void EventSet::read_ahead(std::size_t first, std::size_t count) const {
    if (!file_ || first >= size()) return;
    const std::size_t end = std::min(size(), first + count);
    file_->read_ahead(std::as_bytes(keys().subspan(begin[first], begin[end] - begin[first])));
}

std::uint64_t EventSet::remember_fingerprint() {
    fingerprint_ = fingerprint();
    return *fingerprint_;
}

std::uint64_t EventSet::fingerprint() const {
    if (fingerprint_) return *fingerprint_;
    Fingerprint fingerprint;
    fingerprint.add(units);
    fingerprint.add(ticks);
    for (std::size_t i = 0; i < size(); ++i)
        add_to(fingerprint, labels[i], recording(i),
               target_kind.any() ? floats(i) : std::span<const float>());
    return fingerprint.value();
}

void add_to(Fingerprint& fingerprint, std::uint32_t label, std::span<const std::uint32_t> keys,
            std::span<const float> target) {
    fingerprint.add(label);
    // Where a recording ends is part of it: an event may not pass to the next unseen.
    fingerprint.add(static_cast<std::uint32_t>(keys.size()));
    for (const std::uint32_t key : keys) fingerprint.add(key);
    for (const float value : target) fingerprint.add(std::bit_cast<std::uint32_t>(value));
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
