// Random changes to a training recording: events dropped, everything shifted, mirrored or turned,
// events jittered; its target, where it has one over pixels, goes along.
// Drawn by counter from (seed, epoch, recording), so a sample is the same whoever prepares it.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <span>
#include <vector>

#include "kernels/map_shape.hpp"
#include "learning/target.hpp"

namespace synfire {

struct Form;
class Random;

struct Augmentation {
    float drop_probability = 0;       // of each event
    std::uint32_t shift_units = 0;    // the whole recording, up to so many units either way
    std::uint32_t shift_ticks = 0;    // ... ticks ...
    std::uint32_t shift_rows = 0;     // ... rows of a sensor ...
    std::uint32_t shift_columns = 0;  // ... columns of a sensor ...
    std::uint32_t jitter_units = 0;   // each event by itself
    std::uint32_t jitter_ticks = 0;
    float flip_rows = 0, flip_columns = 0;  // chance that the sensor's are in reverse order
    float rotate_degrees = 0;               // about the middle, up to so many either way

    bool any() const;
    // Whether anything changes that asks for rows and columns.
    bool moves_on_sensor() const;
    // shape: how the units lie on a sensor, where they do.
    // Events that leave the units, the sensor or the ticks are left out.
    void apply(std::span<const std::uint32_t> keys, std::uint32_t units, std::uint32_t ticks,
               const std::optional<MapShape>& shape, std::uint64_t seed, std::uint32_t epoch,
               std::uint32_t recording, std::vector<std::uint32_t>& changed) const;
    // The same of its target: each pixel takes what the nearest pixel had that comes to lie there;
    // a flow (values of two channels, along columns and rows) is mirrored and turned itself. A
    // pixel to which nothing comes does not count; of frames it has what is nearest to it. The
    // map's rows and columns are the sensor's.
    void apply(const TargetKind& kind, std::span<const float> target, std::uint64_t seed,
               std::uint32_t epoch, std::uint32_t recording, std::vector<float>& changed) const;

  private:
    struct Change;
    Change draw(Random& random) const;
};

Form augmentation_form();
Augmentation read_augmentation(const nlohmann::json& completed);

}  // namespace synfire
