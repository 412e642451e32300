#include "cameras/cached_split.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/printable.hpp"
#include "cached_set.hpp"

namespace synfire {
namespace {

// Raised whenever equal recordings and settings come to give other events.
constexpr std::uint32_t sampling_revision = 2;

// All that the events of a split in ticks depend on.
std::string described(std::span<const RecordingPlace> places, const CameraTraits& traits,
                      const Sampling& s) {
    std::string text =
        fmt::format("{} {} {} {} {} {} {}", sampling_revision, traits.container, traits.columns,
                    traits.rows, traits.transposed, traits.upward, traits.from_zero);
    const Sampling::Area area = s.area.value_or(Sampling::Area{});
    text += fmt::format("\n{} {} {} {} {:a} {} {} {} {} {} {} {} {} {} {} {}", s.shape.channels,
                        s.shape.rows, s.shape.columns, s.ticks, s.dt_ms, int(s.binning),
                        int(s.polarity), s.area.has_value(), area.x, area.y, area.columns,
                        area.rows, s.downsample, s.from_us, s.to_us, s.without_hot_pixels);
    for (const RecordingPlace& place : places) {
        const auto trial = place.trial_us.value_or(std::pair<std::int64_t, std::int64_t>{0, -1});
        text += state_of_file(place.path) +
                fmt::format(" {} {} {}", place.label, trial.first, trial.second);
    }
    return text;
}

nlohmann::json to_json(const Met& met) {
    return {met.recordings, met.most, printable(met.example)};
}
Met met_from(const nlohmann::json& json) {
    return {json.at(0), json.at(1), json.at(2)};
}

}  // namespace

EventSet cached_split(std::span<const RecordingPlace> places, const CameraTraits& traits,
                      const Sampling& sampling, ReadingNotes& met, const ReadSplit& read) {
    nlohmann::json notes;
    EventSet set = cached_set(
        described(places, traits, sampling),
        {static_cast<std::uint32_t>(sampling.shape.size()), sampling.ticks},
        [&](const std::function<void(const EventSet&)>& take) -> nlohmann::json {
            const ReadingNotes found = read(take);
            return {{"backward", to_json(found.backward)}, {"cut", to_json(found.cut)}};
        },
        notes);
    met.backward.add(met_from(notes.at("backward")));
    met.cut.add(met_from(notes.at("cut")));
    return set;
}

}  // namespace synfire
