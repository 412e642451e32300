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
        const std::size_t row = event.y / edge, column = event.x / edge;
        if (row >= tiles_.size()) tiles_.resize(row + 1);
        if (column >= tiles_[row].size()) tiles_[row].resize(column + 1);
        std::vector<std::uint32_t>& tile = tiles_[row][column];
        if (tile.empty()) tile.resize(std::size_t{edge} * edge);
        ++tile[(event.y % edge) * edge + event.x % edge];
    }
    // Most events first.
    std::vector<HotPixel> hot() const;

  private:
    // Squares of the sensor, by row and column of them, as far as there are events.
    static constexpr std::uint32_t edge = 64;

    std::vector<std::vector<std::vector<std::uint32_t>>> tiles_;
};

}  // namespace synfire
