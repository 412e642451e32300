// Reads the recordings of a listing into ticks, several at a time.
#pragma once

#include <string>

#include "cameras/listing.hpp"
#include "cameras/sampling.hpp"

namespace synfire {

// What a data set fixes for all of its recordings.
struct CameraTraits {
    std::string container;                // "": told by content
    std::uint32_t columns = 0, rows = 0;  // of the sensor, where its files do not say; 0: unknown
    bool transposed = false;
    bool upward = false;  // rows count from below, which the container does not say
    // Ticks count from the beginning of the file's clock, not from the first event.
    bool from_zero = false;
};

// One recording, or trial of it, as the data set's experiments have it. Throws InputError.
EventSet read_one(const RecordingPlace& place, const CameraTraits& traits,
                  const InputRequest& request);

// What a format of cameras' recordings does once its listing is made: the training split (where it
// is asked for) and the test. Throws InputError.
InputData read_listing(const Listing& listing, const CameraTraits& traits,
                       const InputRequest& request);

}  // namespace synfire
