#include "cameras/reading.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <unordered_set>

#include "base/problem.hpp"
#include "base/workers.hpp"
#include "binning.hpp"
#include "cameras/cached_split.hpp"
#include "recordings/containers.hpp"
#include "recordings/hot_pixels.hpp"

namespace synfire {
namespace {

struct ReadRecording {
    std::vector<std::uint32_t> keys;
    LeftOut left_out;
    std::uint64_t backward = 0, largest_step_us = 0, cut_bytes = 0;
};

// The events of one recording that lie in its trial, in the file's order, as often as wanted.
class Passes {
  public:
    Passes(const RecordingPlace& place, const CameraTraits& traits)
        : place_(place), traits_(traits) {}

    template <class Each>
    RecordingInfo go(const Each& each) const {
        const auto decoder = open_recording(place_.path, traits_.container);
        std::uint64_t index = 0;
        for (auto events = decoder->next(); !events.empty(); events = decoder->next())
            for (const CameraEvent& e : events) {
                if (!place_.trial_us ||
                    (e.time_us >= place_.trial_us->first && e.time_us < place_.trial_us->second))
                    each(e, index);
                ++index;
            }
        return decoder->info();
    }

  private:
    const RecordingPlace& place_;
    const CameraTraits& traits_;
};

std::uint32_t pixel_key(const CameraEvent& e) {
    return std::uint32_t{e.y} << 16 | e.x;
}

ReadRecording read_recording(const RecordingPlace& place, const CameraTraits& traits,
                             const Sampling& sampling) {
    ReadRecording result;
    const Passes passes(place, traits);
    // What has to be known before the first event can be placed.
    std::int64_t earliest = INT64_MAX, last = INT64_MIN;
    PixelCounts pixels;
    const RecordingInfo info = passes.go([&](const CameraEvent& e, std::uint64_t) {
        earliest = std::min(earliest, e.time_us);
        if (e.time_us < last) {
            ++result.backward;
            result.largest_step_us =
                std::max(result.largest_step_us,
                         static_cast<std::uint64_t>(last) - static_cast<std::uint64_t>(e.time_us));
        }
        last = e.time_us;
        if (sampling.without_hot_pixels) pixels.add(e);
    });
    result.cut_bytes = info.cut_bytes;
    const std::int64_t origin = place.trial_us     ? place.trial_us->first
                                : traits.from_zero ? 0
                                                   : earliest;
    if (earliest < origin)
        throw InputError(
            fmt::format("{}: an event has the time {} us; times from {} on are "
                        "expected.",
                        place.path, earliest, origin));
    std::unordered_set<std::uint32_t> hot;
    if (sampling.without_hot_pixels)
        for (const HotPixel& pixel : pixels.hot()) hot.insert(pixel_key({0, pixel.x, pixel.y, 0}));
    const bool sized = info.columns > 0;
    const SensorMap map(sampling,
                        {sized ? info.columns : traits.columns, sized ? info.rows : traits.rows,
                         info.mirrored, info.upward || traits.upward, traits.transposed},
                        place.path);
    // Hands over events of the wanted part as units, with the time within it.
    auto each_unit = [&](const auto& take) {
        passes.go([&](const CameraEvent& e, std::uint64_t index) {
            const std::uint64_t since =
                static_cast<std::uint64_t>(e.time_us) - static_cast<std::uint64_t>(origin);
            const SensorMap::Place place = map.place(e, index);
            std::uint64_t LeftOut::*reason = place.left_out;
            if (!reason && (since < static_cast<std::uint64_t>(sampling.from_us) ||
                            since >= static_cast<std::uint64_t>(sampling.to_us)))
                reason = &LeftOut::time;
            if (!reason && !hot.empty() && hot.contains(pixel_key(e)))
                reason = &LeftOut::hot_pixels;
            if (reason)
                ++(result.left_out.*reason);
            else
                take(place.unit, since - static_cast<std::uint64_t>(sampling.from_us));
        });
    };
    const std::uint32_t units = sampling.shape.size();
    if (sampling.binning == Sampling::Binning::count) {
        std::vector<std::uint32_t> found;
        each_unit([&](std::uint32_t unit, std::uint64_t) { found.push_back(unit); });
        for (std::size_t i = 0; i < found.size(); ++i)
            found[i] +=
                static_cast<std::uint32_t>(std::uint64_t{i} * sampling.ticks / found.size()) *
                units;
        result.keys = std::move(found);
        return result;
    }
    const TickClock clock(0.001, sampling.dt_ms, 53);
    each_unit([&](std::uint32_t unit, std::uint64_t since) {
        const double tick = clock.tick(static_cast<double>(since));
        if (tick >= sampling.ticks)
            ++result.left_out.late;
        else
            result.keys.push_back(static_cast<std::uint32_t>(tick) * units + unit);
    });
    return result;
}

constexpr std::size_t recordings_at_once = 64;

// Hands over the recordings in their order, some at a time.
ReadingNotes read_places(std::span<const RecordingPlace> places, const CameraTraits& traits,
                         const Sampling& sampling, const ReadingProgress& progress,
                         const std::function<void(const EventSet&)>& take) {
    ReadingNotes notes;
    for (std::size_t begin = 0; begin < places.size(); begin += recordings_at_once) {
        const std::size_t count = std::min(recordings_at_once, places.size() - begin);
        std::vector<ReadRecording> read(count);
        std::vector<std::exception_ptr> faults(count);
        in_parallel(count, [&](std::size_t i) {
            try {
                read[i] = read_recording(places[begin + i], traits, sampling);
            } catch (...) {
                faults[i] = std::current_exception();
            }
        });
        EventSet some;
        some.units = sampling.shape.size();
        some.ticks = sampling.ticks;
        for (std::size_t i = 0; i < count; ++i) {
            if (faults[i]) std::rethrow_exception(faults[i]);  // the first of the list
            const RecordingPlace& place = places[begin + i];
            some.left_out += read[i].left_out;
            notes.backward.add(read[i].largest_step_us, place.path);
            notes.cut.add(read[i].cut_bytes, place.path);
            some.add(read[i].keys, place.label);
        }
        take(some);
        if (progress) progress(begin + count, places.size());
    }
    return notes;
}

}  // namespace

EventSet read_one(const RecordingPlace& place, const CameraTraits& traits,
                  const InputRequest& request) {
    EventSet set;
    read_places({&place, 1}, traits, read_sampling(request), {},
                [&](const EventSet& one) { set = one; });
    return set;
}

InputData read_listing(const Listing& listing, const CameraTraits& traits,
                       const InputRequest& request) {
    const Sampling sampling = read_sampling(request);
    ReadingNotes met;
    auto split = [&](std::span<const RecordingPlace> places) {
        places = places.first(
            static_cast<std::size_t>(std::min<std::uint64_t>(places.size(), request.limit)));
        return cached_split(
            places, traits, sampling, met, [&](const std::function<void(const EventSet&)>& take) {
                return read_places(places, traits, sampling, request.progress, take);
            });
    };
    InputData data;
    if (request.training) data.train = split(listing.train);
    data.test = split(listing.test);
    data.classes = listing.classes;
    data.passed_over = listing.passed_over;
    data.notes = listing.notes;
    if (met.backward.recordings > 0)
        data.notes.push_back(fmt::format(
            "times go back in {} recordings, by up to {} us, such as in {}; every event is taken "
            "at its own time.",
            met.backward.recordings, met.backward.most, met.backward.example));
    if (met.cut.recordings > 0)
        data.notes.push_back(fmt::format(
            "{} recordings end within an event or packet, such as {}; what came before is taken.",
            met.cut.recordings, met.cut.example));
    return data;
}

}  // namespace synfire
