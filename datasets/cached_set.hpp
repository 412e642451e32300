// Event sets that an earlier run has made: files of the cache folder, recordings-HASH.events, each
// known by a text that says all that it depends on.
#pragma once

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "learning/event_set.hpp"

namespace synfire {

// What a set is before it has recordings.
struct SetForm {
    std::uint32_t units = 0, ticks = 0;
    TargetKind target = {};

    EventSet empty_set() const {
        EventSet set;
        set.units = units;
        set.ticks = ticks;
        set.target_kind = target;
        return set;
    }
};

// A line on a file or folder: its path, size and time of change, for what a set depends on.
std::string state_of_file(const std::string& path);

// Makes the set, some recordings after another, and returns what is kept beside it. Throws
// InputError.
using MakeSet = std::function<nlohmann::json(const std::function<void(const EventSet&)>& take)>;

// The set from the cache; where it is not there, or damaged, it is made and put there. Of several
// programs that want the same, one makes it and the others wait. Where there can be no cache, which
// is said, the set is in memory. extra: what is kept beside it.
EventSet cached_set(const std::string& depends_on, const SetForm& form, const MakeSet& make,
                    nlohmann::json& extra);

}  // namespace synfire
