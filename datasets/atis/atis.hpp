// Recordings of ATIS event cameras as N-MNIST and N-Caltech101 keep them (Orchard et al., 2015): a
// folder a class, a .bin file a recording, five bytes an event, big-endian: x, y, then one bit of
// polarity and 23 bits of microseconds. An event at y = 240 is no event: the camera's clock has
// overflowed, and 2^13 microseconds are added to all that follow.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "learning/input.hpp"

namespace synfire {

struct AtisEvent {
    std::uint16_t x, y;
    std::uint8_t polarity;  // 0: darker, 1: brighter
    std::uint32_t time_us;
};

// The events of a file in its order, without the overflow marks. Throws InputError where the file
// cannot be read or ends within an event.
std::vector<AtisEvent> read_atis(const std::string& path);

// How events become ticks: by their time, or so many equal parts of a recording's events in order.
enum class AtisBinning { time, count };

struct AtisRequest {
    MapShape shape;                // [2, rows, columns] of the input population
    std::uint32_t downsample = 1;  // sensor pixels to one row or column of the population
    AtisBinning binning = AtisBinning::time;
    std::uint32_t ticks = 0;
    double dt_ms = 1;
};

// Adds a recording to the set. Throws InputError for an event outside the sensor.
void add_atis(EventSet& set, const std::string& path, std::uint32_t label,
              const AtisRequest& request);

// A recording's place: its class is the index of its folder in alphabetical order.
struct AtisFile {
    std::string path;
    std::uint32_t label;
};

// The recordings of a folder of class folders, the first of every class, then the second of every
// class, ..., so that the first N of them are of all classes alike. Throws InputError where there
// are no classes or one has no recording.
std::vector<AtisFile> list_atis(const std::string& folder);

InputFormat atis_format();

}  // namespace synfire
