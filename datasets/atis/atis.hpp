// Recordings of ATIS event cameras as N-MNIST and N-Caltech101 keep them (Orchard et al., 2015): a
// folder a class, a .bin file a recording, five bytes an event, big-endian: x, y, then one bit of
// polarity and 23 bits of microseconds. An event at y = 240 is no event: the camera's clock has
// overflowed, and 2^13 microseconds are added to all that follow.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "learning/input.hpp"
#include "recordings/event.hpp"

namespace synfire {

// The events of a file in its order, without the overflow marks. Throws InputError where the file
// cannot be read or ends within an event.
std::vector<CameraEvent> read_atis(const std::string& path);

// How events become ticks: by their time, or so many equal parts of a recording's events in order.
enum class AtisBinning { time, count };

struct AtisRequest {
    MapShape shape;                // [2, rows, columns] of the input population
    std::uint32_t downsample = 1;  // sensor pixels to one row or column of the population
    AtisBinning binning = AtisBinning::time;
    std::uint32_t ticks = 0;
    double dt_ms = 1;
};

// Adds a recording to the set. Throws InputError for an event outside the sensor; path is for
// messages.
void add_atis(EventSet& set, const std::vector<CameraEvent>& events, std::uint32_t label,
              const AtisRequest& request, const std::string& path);

// A recording's place: its class is the index of its folder in alphabetical order.
struct AtisFile {
    std::string path;
    std::uint32_t label;
};

// What a folder of class folders holds. Recordings are the files *.bin or *.BIN of class folders.
// Names that begin with a dot, as systems and tools leave them, stand for neither classes nor
// recordings; they and other files are passed over and counted.
struct AtisFolder {
    std::vector<std::string> classes;  // in alphabetical order
    // The first of every class, then the second of every class, ..., so that the first N of them
    // are of all classes alike.
    std::vector<AtisFile> recordings;
    PassedOver passed_over;
};

// Throws InputError where there are no classes or one has no recording.
AtisFolder list_atis(const std::string& folder);

InputFormat atis_format();

}  // namespace synfire
