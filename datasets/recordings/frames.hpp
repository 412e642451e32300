// A recording's events counted by stretch of time, pixel and polarity, upright.
#pragma once

#include <cstdint>
#include <vector>

#include "pictures/picture.hpp"
#include "recordings/decoder.hpp"

namespace synfire {

struct EventCounts {
    std::uint32_t columns, rows;
    std::vector<std::uint32_t> off, on;  // of each pixel, row by row from the top

    EventCounts(std::uint32_t column_count, std::uint32_t row_count)
        : columns(column_count),
          rows(row_count),
          off(std::size_t{column_count} * row_count),
          on(off) {}
};

// Counts the events from from_us to just before to_us in `frames` stretches of equal length; those
// beyond `columns` and `rows` are left out.
std::vector<EventCounts> count_in_frames(Decoder& decoder, std::uint32_t columns,
                                         std::uint32_t rows, std::int64_t from_us,
                                         std::int64_t to_us, std::uint32_t frames);

// Colours of pictures of events: dark where there is none, orange for OFF and blue for ON, both
// together nearly white, the stronger the more events; the last are for what stands between frames
// and for letters.
const std::vector<Colour>& event_palette();
inline constexpr std::uint8_t strongest_on = 7, strongest_off = 56, strongest_both = 63,
                              between_frames = 64, lettering = 65;

// How many events of a polarity have the strongest colour: what 19 of 20 pixels with events do not
// go beyond.
std::uint32_t full_strength(const std::vector<EventCounts>& frames);
std::vector<Picture> pictures_of(const std::vector<EventCounts>& frames, std::uint32_t full);

}  // namespace synfire
