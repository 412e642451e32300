// A procedural stand-in for DVS Gesture: an event camera watches a bright shape that performs one
// of eleven motions (motion.hpp), or of those asked for. The world has no edges: what leaves the
// sensor on one side comes in on the other, and every recording is thinned to a number of events
// drawn alike for every class. So classes differ in how things move, not in where events are or how
// many.
//
// Recordings are written in SHD's layout (shd/shd.hpp); unit = (y * columns + x) * 2 + polarity,
// polarity 1 for ON.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "learning/input.hpp"

namespace synfire {

struct GestureSettings {
    std::uint32_t train = 5500, test = 1100;  // recordings
    std::uint64_t seed = 1;
    std::uint32_t rows = 32, columns = 32;
    double duration_ms = 600;
    double noise_hz = 0.5;
    // Motions that are made, by their numbers in motion_names: the first is class 0. None: all.
    std::vector<std::uint32_t> motions = {};
};

// Makes folder/train.h5 and folder/test.h5, the same for equal settings. The folder is made too,
// and appears only when it is whole. Throws InputError where it cannot be written.
void generate_gestures(const GestureSettings& settings, const std::string& folder);

InputFormat gestures_format();

}  // namespace synfire
