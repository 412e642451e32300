// How the neurons of a population lie on a sensor or a feature map. Channels come last, so the
// channels of a pixel are neighbours: neuron = (row * columns + column) * channels + channel.
#pragma once

#include <cstdint>

namespace synfire {

struct MapShape {
    std::uint32_t channels = 0, rows = 0, columns = 0;

    std::uint64_t size() const { return std::uint64_t{channels} * rows * columns; }
    std::uint32_t pixels() const { return rows * columns; }
    std::uint32_t neuron(std::uint32_t channel, std::uint32_t row, std::uint32_t column) const {
        return (row * columns + column) * channels + channel;
    }
    bool operator==(const MapShape&) const = default;
};

}  // namespace synfire
