// Pixels that fire for no reason: a pixel is hot where it has more than ten times as many events as
// the most active twentieth of the other pixels begins with (the 95th percentile of the counts of
// all pixels that have any), and at least a hundred.
#pragma once

#include <cstdint>
#include <vector>

#include "recordings/event.hpp"

namespace synfire {

struct HotPixel {
    std::uint16_t x, y;
    std::uint64_t events;
};

class PixelCounts {
  public:
    void add(const CameraEvent& event) {
        std::vector<std::uint32_t>& tile = tiles_[tile_of(event.x, event.y)];
        if (tile.empty()) tile.resize(std::size_t{edge} * edge);
        ++tile[(event.y % edge) * edge + event.x % edge];
    }
    // Most events first.
    std::vector<HotPixel> hot() const;

  private:
    // Squares of the sensor, kept where they have events.
    static constexpr std::uint32_t most = 65536, edge = 64, across = most / edge;
    static std::size_t tile_of(std::uint32_t x, std::uint32_t y) {
        return std::size_t{y / edge} * across + x / edge;
    }

    std::vector<std::vector<std::uint32_t>> tiles_{std::size_t{across} * across};
};

}  // namespace synfire
