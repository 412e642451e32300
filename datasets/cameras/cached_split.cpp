#include "cameras/cached_split.hpp"

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

// Raised whenever equal recordings and settings come to give other events.
constexpr std::uint32_t sampling_revision = 2;
constexpr std::string_view split_beginning = "recordings-", split_ending = ".events";

std::string file_of(std::span<const RecordingPlace> places, const CameraTraits& traits,
                    const Sampling& s) {
    Fingerprint sum;
    sum.add(std::string_view(SYNFIRE_VERSION));
    sum.add(fmt::format("{} {} {} {} {} {} {}", sampling_revision, traits.container, traits.columns,
                        traits.rows, traits.transposed, traits.upward, traits.from_zero));
    const Sampling::Area area = s.area.value_or(Sampling::Area{});
    sum.add(fmt::format("{} {} {} {} {:a} {} {} {} {} {} {} {} {} {} {} {}", s.shape.channels,
                        s.shape.rows, s.shape.columns, s.ticks, s.dt_ms, int(s.binning),
                        int(s.polarity), s.area.has_value(), area.x, area.y, area.columns,
                        area.rows, s.downsample, s.from_us, s.to_us, s.without_hot_pixels));
    for (const RecordingPlace& place : places) {
        std::error_code error;
        const auto size = fs::file_size(place.path, error);
        const auto changed = fs::last_write_time(place.path, error).time_since_epoch().count();
        const auto trial = place.trial_us.value_or(std::pair<std::int64_t, std::int64_t>{0, -1});
        sum.add(fs::absolute(place.path, error).string());
        sum.add(
            fmt::format("{} {} {} {} {}", size, changed, place.label, trial.first, trial.second));
    }
    return fmt::format("{}/{}{:016x}{}", cache_folder(), split_beginning, sum.value(),
                       split_ending);
}

nlohmann::json to_json(const Met& met) {
    return {met.recordings, met.most, met.example};
}
Met met_from(const nlohmann::json& json) {
    return {json.at(0), json.at(1), json.at(2)};
}

std::optional<EventSet> open_split(const std::string& path, ReadingNotes& met,
                                   bool say_damaged = false) {
    std::error_code error;
    if (!fs::exists(path, error)) return std::nullopt;
    nlohmann::json notes;
    std::optional<EventSet> set = open_event_file(path, notes);
    if (!set) {
        if (say_damaged)
            note(fmt::format(
                "note: {}: the cache's file is damaged; it is made again from the recordings.",
                path));
        return std::nullopt;
    }
    met.backward.add(met_from(notes.at("backward")));
    met.cut.add(met_from(notes.at("cut")));
    mark_used(path);
    return set;
}

void make_split(const std::string& path, const Sampling& sampling, const ReadSplit& read) {
    remove_leftovers(cache_folder());
    remove_unused(split_beginning, split_ending);
    replace_file(path, [&](const std::string& temporary) {
        EventFileWriter file(temporary, sampling.shape.size(), sampling.ticks);
        const ReadingNotes notes = read([&](const EventSet& some) { file.add(some); });
        file.close({{"backward", to_json(notes.backward)}, {"cut", to_json(notes.cut)}});
    });
}

EventSet in_memory(const Sampling& sampling, ReadingNotes& met, const ReadSplit& read) {
    EventSet set;
    set.units = sampling.shape.size();
    set.ticks = sampling.ticks;
    const ReadingNotes notes = read([&](const EventSet& some) {
        for (std::size_t i = 0; i < some.size(); ++i) {
            const auto keys = some.recording(i);
            std::vector<std::uint32_t> copy(keys.begin(), keys.end());
            set.add(copy, some.labels[i]);
        }
        set.merged += some.merged;
        set.left_out += some.left_out;
    });
    met.backward.add(notes.backward);
    met.cut.add(notes.cut);
    return set;
}

}  // namespace

EventSet cached_split(std::span<const RecordingPlace> places, const CameraTraits& traits,
                      const Sampling& sampling, ReadingNotes& met, const ReadSplit& read) {
    const std::string path = file_of(places, traits, sampling);
    if (std::optional<EventSet> set = open_split(path, met)) return *std::move(set);
    std::optional<FileLock> held;
    try {
        fs::create_directories(cache_folder());
        held.emplace(FileLock::take(path + ".lock", FileLock::Kind::exclusive));
    } catch (const std::exception& error) {
        note(fmt::format(
            "note: events in ticks cannot be kept for the next run ({}); set XDG_CACHE_HOME to a "
            "folder that can be written to.",
            error.what()));
        return in_memory(sampling, met, read);
    }
    // Another program may have made it while this one waited.
    if (std::optional<EventSet> set = open_split(path, met, true)) return *std::move(set);
    make_split(path, sampling, read);
    if (std::optional<EventSet> set = open_split(path, met)) return *std::move(set);
    throw std::runtime_error(
        fmt::format("{}: what was just written there is not what the file holds.", path));
}

}  // namespace synfire
