// Labelled recordings of events, binned to ticks: what data sets are read into and what training
// and evaluation draw their samples from. Never a dense array: an event is four bytes.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "learning/target.hpp"

namespace synfire {

class Fingerprint;
class MappedFile;

// Events that recordings have and sets made of them have not, by the first reason that holds.
struct LeftOut {
    std::uint64_t area = 0;      // beyond the area of the sensor that is taken
    std::uint64_t polarity = 0;  // of a polarity that is not
    std::uint64_t time = 0;      // before or after the part of the recording that is
    std::uint64_t hot_pixels = 0;
    std::uint64_t late = 0;  // after the last tick

    struct Reason {
        const char* name;
        std::uint64_t LeftOut::*count;
        const char* words;  // that follow a number of events
    };
    static constexpr Reason reasons[] = {
        {"area", &LeftOut::area, "beyond the area"},
        {"polarity", &LeftOut::polarity, "of the other polarity"},
        {"time", &LeftOut::time, "before from_ms or from to_ms on"},
        {"hot_pixels", &LeftOut::hot_pixels, "of hot pixels"},
        {"late", &LeftOut::late, "after the last tick"},
    };
    LeftOut& operator+=(const LeftOut& more) {
        for (const Reason& reason : reasons) this->*reason.count += more.*reason.count;
        return *this;
    }
};

// Every recording's events as keys tick * units + unit, ascending and without repetition: a unit
// fires at most once a tick. The keys are in memory, or in a file of which the system holds in
// memory what is used (event_file.hpp).
class EventSet {
  public:
    std::uint32_t units = 0;
    std::uint32_t ticks = 0;
    std::vector<std::uint64_t> begin{0};  // recording i holds keys begin[i] .. begin[i+1]-1
    std::vector<std::uint32_t> labels;
    std::uint64_t merged = 0;  // events that fell into the tick of an equal one
    LeftOut left_out;
    TargetKind target_kind;  // set before recordings are added

    std::size_t size() const { return labels.size(); }
    std::span<const std::uint32_t> keys() const {
        return in_file_.data() ? in_file_ : std::span<const std::uint32_t>(in_memory_);
    }
    std::span<const std::uint32_t> recording(std::size_t i) const {
        return keys().subspan(begin[i], begin[i + 1] - begin[i]);
    }
    Target target(std::size_t i) const {
        return target_kind.any() ? Target(target_kind, floats(i).data()) : Target();
    }
    // What a recording's target is made of: target_kind.floats().
    std::span<const float> floats(std::size_t i) const {
        const auto all = targets_in_file_.data() ? targets_in_file_ : std::span(targets_in_memory_);
        return all.subspan(i * target_kind.floats(), target_kind.floats());
    }
    // Adds a recording to a set in memory; sorts its keys and takes out repetitions. target: as
    // target_kind says, or nothing.
    void add(std::vector<std::uint32_t>& recording_keys, std::uint32_t label,
             std::span<const float> target = {});
    // Keeps the first `count` recordings.
    void limit(std::size_t count);
    // Has the keys from now on in `file`, `count` of them from byte `offset`, a multiple of four,
    // on, and all targets from byte `targets_offset` on.
    void keep_in(std::shared_ptr<const MappedFile> file, std::uint64_t offset, std::uint64_t count,
                 std::uint64_t targets_offset);
    // Asks the system for recordings that are used soon, where they are in a file.
    void read_ahead(std::span<const std::uint32_t> recordings) const;
    // The same for those from `first` on, at most `count`.
    void read_ahead(std::size_t first, std::size_t count) const;
    // Of units, ticks, and every recording's events and label in their order: sets from which the
    // same is learned have the same.
    std::uint64_t fingerprint() const;
    // The same; it is not counted anew until recordings are added or taken away. For sets that are
    // slow to go through.
    std::uint64_t remember_fingerprint();

  private:
    std::optional<std::uint64_t> fingerprint_;
    std::vector<std::uint32_t> in_memory_;
    std::shared_ptr<const MappedFile> file_;
    std::span<const std::uint32_t> in_file_;
    std::vector<float> targets_in_memory_;
    std::span<const float> targets_in_file_;
};

// Adds a recording to such a fingerprint.
void add_to(Fingerprint& fingerprint, std::uint32_t label, std::span<const std::uint32_t> keys,
            std::span<const float> target);

// The events of one recording by tick.
struct SampleEvents {
    std::vector<std::uint32_t> begin;  // of tick t: units[begin[t]] .. units[begin[t+1]-1]
    std::vector<std::uint32_t> units;
    std::uint32_t label = 0;
    Target target;  // of the set's, or of what augmentation makes of it:
    std::vector<float> changed_target;
    // What random numbers of the sample are keyed by.
    struct Draw {
        static constexpr std::uint32_t test = UINT32_MAX;  // in place of an epoch
        std::uint64_t seed = 0;
        std::uint32_t epoch = 0, recording = 0;
    };
    Draw draw;

    std::uint32_t ticks() const { return static_cast<std::uint32_t>(begin.size()) - 1; }
    std::span<const std::uint32_t> at(std::uint32_t tick) const {
        return {units.data() + begin[tick], begin[tick + 1] - begin[tick]};
    }
    // From ascending keys.
    void assign(std::span<const std::uint32_t> keys, std::uint32_t unit_count,
                std::uint32_t tick_count);
};

}  // namespace synfire
