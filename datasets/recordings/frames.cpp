#include "recordings/frames.hpp"

#include <algorithm>

#include "recordings/sensor.hpp"

namespace synfire {
namespace {

constexpr std::uint32_t shades = 8;  // of a polarity

std::uint32_t shade(std::uint32_t events, std::uint32_t full) {
    if (events == 0) return 0;
    return std::min(shades - 1, 1 + (shades - 2) * events / full);
}

}  // namespace

std::vector<EventCounts> count_in_frames(Decoder& decoder, std::uint32_t columns,
                                         std::uint32_t rows, std::int64_t from_us,
                                         std::int64_t to_us, std::uint32_t frames) {
    std::vector<EventCounts> counts(frames, EventCounts(columns, rows));
    const double per_us = frames / static_cast<double>(to_us - from_us);
    const Sensor sensor{columns, rows, decoder.info().mirrored, decoder.info().upward};
    for (auto events = decoder.next(); !events.empty(); events = decoder.next())
        for (const CameraEvent& e : events) {
            if (e.time_us < from_us || e.time_us >= to_us || !sensor.holds(e)) continue;
            const auto frame = std::min(
                frames - 1,
                static_cast<std::uint32_t>(static_cast<double>(e.time_us - from_us) * per_us));
            const auto [x, y] = sensor.upright(e);
            EventCounts& f = counts[frame];
            ++(e.polarity ? f.on : f.off)[std::size_t{y} * columns + x];
        }
    return counts;
}

const std::vector<Colour>& event_palette() {
    static const std::vector<Colour> palette = [] {
        std::vector<Colour> colours;
        auto mixed = [](std::uint32_t base, std::uint32_t off, std::uint32_t off_part,
                        std::uint32_t on, std::uint32_t on_part) {
            return static_cast<std::uint8_t>(
                std::min(255u, base + (off * off_part + on * on_part) / (shades - 1)));
        };
        for (std::uint32_t off = 0; off < shades; ++off)
            for (std::uint32_t on = 0; on < shades; ++on)
                colours.push_back({mixed(20, off, 235, on, 70), mixed(20, off, 120, on, 150),
                                   mixed(26, off, 30, on, 229)});
        colours.push_back({110, 110, 110});
        colours.push_back({245, 245, 245});
        return colours;
    }();
    return palette;
}

std::uint32_t full_strength(const std::vector<EventCounts>& frames) {
    std::vector<std::uint32_t> strengths;
    for (const EventCounts& f : frames)
        for (const auto* counts : {&f.off, &f.on})
            for (const std::uint32_t n : *counts)
                if (n > 0) strengths.push_back(n);
    if (strengths.empty()) return 1;
    const auto place =
        strengths.begin() + static_cast<std::ptrdiff_t>((strengths.size() - 1) * 95 / 100);
    std::ranges::nth_element(strengths, place);
    return *place;
}

std::vector<Picture> pictures_of(const std::vector<EventCounts>& frames, std::uint32_t full) {
    std::vector<Picture> pictures;
    for (const EventCounts& f : frames) {
        Picture picture(f.columns, f.rows);
        for (std::size_t i = 0; i < f.on.size(); ++i)
            picture.pixels[i] =
                static_cast<std::uint8_t>(shade(f.off[i], full) * shades + shade(f.on[i], full));
        pictures.push_back(std::move(picture));
    }
    return pictures;
}

}  // namespace synfire
