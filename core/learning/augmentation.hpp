// Random changes to a training recording: events dropped, everything shifted, events jittered.
// Drawn by counter from (seed, epoch, recording), so a sample is the same whoever prepares it.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <span>
#include <vector>

#include "kernels/map_shape.hpp"

namespace synfire {

struct Form;

struct Augmentation {
    float drop_probability = 0;       // of each event
    std::uint32_t shift_units = 0;    // the whole recording, up to so many units either way
    std::uint32_t shift_ticks = 0;    // ... ticks ...
    std::uint32_t shift_rows = 0;     // ... rows of a sensor ...
    std::uint32_t shift_columns = 0;  // ... columns of a sensor ...
    std::uint32_t jitter_units = 0;   // each event by itself
    std::uint32_t jitter_ticks = 0;

    bool any() const;
    // shape: how the units lie on a sensor, where they do.
    // Events that leave the units, the sensor or the ticks are left out.
    void apply(std::span<const std::uint32_t> keys, std::uint32_t units, std::uint32_t ticks,
               const std::optional<MapShape>& shape, std::uint64_t seed, std::uint32_t epoch,
               std::uint32_t recording, std::vector<std::uint32_t>& changed) const;
};

Form augmentation_form();
Augmentation read_augmentation(const nlohmann::json& completed);

}  // namespace synfire
