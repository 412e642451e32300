// What a sample is to be compared with beside, or in place of, its class: arrays over the pixels of
// a map, laid out as its neurons are (kernels/map_shape.hpp).
#pragma once

#include <cstddef>

#include "kernels/map_shape.hpp"

namespace synfire {

// What each recording of a set has.
struct TargetKind {
    MapShape shape;       // of the values; nothing: none, recordings have a class alone
    bool frames = false;  // the grey pictures with which a recording begins and ends

    bool any() const { return shape.size() > 0; }
    // Of one recording: its values, then the mask, then the frames.
    std::size_t floats() const { return shape.size() + (frames ? 3 : 1) * pixels(); }
    std::size_t pixels() const { return shape.pixels(); }
    bool operator==(const TargetKind&) const = default;
};

// Of one recording; all null where it has a class alone.
struct Target {
    MapShape shape;
    const float* values = nullptr;
    const float* mask = nullptr;    // by pixel: 1 where the values count, else 0
    const float* frames = nullptr;  // by pixel: before and after, 0 to 1; null where there are none

    Target() = default;
    Target(const TargetKind& kind, const float* floats)
        : shape(kind.shape), values(floats), mask(floats + kind.shape.size()) {
        if (kind.frames) frames = mask + kind.pixels();
    }
};

}  // namespace synfire
