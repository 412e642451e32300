#include "cached_set.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "base/atomic_file.hpp"
#include "base/file_lock.hpp"
#include "base/fingerprint.hpp"
#include "base/note.hpp"
#include "cache_folder.hpp"
#include "event_file.hpp"

namespace synfire {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view beginning = "recordings-", ending = ".events";

std::optional<EventSet> open(const std::string& path, nlohmann::json& extra,
                             bool say_damaged = false) {
    std::error_code error;
    if (!fs::exists(path, error)) return std::nullopt;
    std::optional<EventSet> set = open_event_file(path, extra);
    if (set)
        mark_used(path);
    else if (say_damaged)
        note(fmt::format(
            "note: {}: the cache's file is damaged; it is made again from the recordings.", path));
    return set;
}

// False where the file cannot be written, such as on a full disk; reason: why.
bool put(const std::string& path, const SetForm& form, const MakeSet& make, std::string& reason) {
    remove_leftovers(cache_folder());
    remove_unused(beginning, ending);
    bool making = false;  // what is thrown meanwhile is about the recordings
    try {
        replace_file(path, [&](const std::string& temporary) {
            EventFileWriter file(temporary, form);
            making = true;
            const nlohmann::json extra = make([&](const EventSet& some) {
                making = false;
                file.add(some);
                making = true;
            });
            making = false;
            file.close(extra);
        });
        return true;
    } catch (const std::exception& error) {
        if (making) throw;
        reason = error.what();
        return false;
    }
}

EventSet in_memory(const SetForm& form, const MakeSet& make, nlohmann::json& extra) {
    EventSet set = form.empty_set();
    extra = make([&](const EventSet& some) {
        for (std::size_t i = 0; i < some.size(); ++i) {
            const auto keys = some.recording(i);
            std::vector<std::uint32_t> copy(keys.begin(), keys.end());
            set.add(copy, some.labels[i], some.floats(i));
        }
        set.merged += some.merged;
        set.left_out += some.left_out;
    });
    return set;
}

}  // namespace

std::string state_of_file(const std::string& path) {
    std::error_code error;
    const auto size = fs::file_size(path, error);
    const auto changed = fs::last_write_time(path, error).time_since_epoch().count();
    return fmt::format("\n{} {} {}", fs::absolute(path, error).string(), size, changed);
}

EventSet cached_set(const std::string& depends_on, const SetForm& form, const MakeSet& make,
                    nlohmann::json& extra) {
    Fingerprint sum;
    sum.add(std::string_view(SYNFIRE_VERSION));
    sum.add(depends_on);
    const std::string path =
        fmt::format("{}/{}{:016x}{}", cache_folder(), beginning, sum.value(), ending);
    if (std::optional<EventSet> set = open(path, extra)) return *std::move(set);
    auto without_cache = [&](const std::string& reason) {
        note(fmt::format(
            "note: events in ticks cannot be kept for the next run ({}); set XDG_CACHE_HOME to a "
            "folder that can be written to.",
            reason));
        return in_memory(form, make, extra);
    };
    std::optional<FileLock> held;
    try {
        fs::create_directories(cache_folder());
        held.emplace(FileLock::take(path + ".lock", FileLock::Kind::exclusive));
    } catch (const std::exception& error) {
        return without_cache(error.what());
    }
    // Another program may have made it while this one waited.
    if (std::optional<EventSet> set = open(path, extra, true)) return *std::move(set);
    if (std::string reason; !put(path, form, make, reason)) return without_cache(reason);
    if (std::optional<EventSet> set = open(path, extra)) return *std::move(set);
    throw std::runtime_error(
        fmt::format("{}: what was just written there is not what the file holds.", path));
}

}  // namespace synfire
