// Splits whose recordings are in ticks already, from an earlier run (cached_set.hpp): one for each
// choice of recordings and of how they are sampled. Recordings are known by path, size and time of
// change.
#pragma once

#include <functional>
#include <span>
#include <string>

#include "cameras/listing.hpp"
#include "cameras/reading.hpp"
#include "cameras/sampling.hpp"
#include "learning/event_set.hpp"

namespace synfire {

// What was met in several recordings, told once.
struct Met {
    std::uint64_t recordings = 0, most = 0;
    std::string example;
    void add(std::uint64_t amount, const std::string& path) { add({amount > 0, amount, path}); }
    void add(const Met& more) {
        if (recordings == 0) example = more.example;
        recordings += more.recordings;
        most = std::max(most, more.most);
    }
};
struct ReadingNotes {
    Met backward, cut;
};

// Reads the recordings of the split, a set of some after another. Throws InputError.
using ReadSplit = std::function<ReadingNotes(const std::function<void(const EventSet&)>& take)>;

// Adds to `met`.
EventSet cached_split(std::span<const RecordingPlace> places, const CameraTraits& traits,
                      const Sampling& sampling, ReadingNotes& met, const ReadSplit& read);

}  // namespace synfire
