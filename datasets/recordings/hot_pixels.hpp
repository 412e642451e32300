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
    // Events beyond any sensor's 2,048 columns and rows are left out.
    void add(const CameraEvent& event) {
        if ((event.x | event.y) >= 2048) return;
        if (event.x >= columns_ || event.y >= rows_) grow(event.x, event.y);
        ++counts_[std::size_t{event.y} * columns_ + event.x];
    }
    // Most events first.
    std::vector<HotPixel> hot() const;

  private:
    void grow(std::uint32_t x, std::uint32_t y);

    std::uint32_t columns_ = 0, rows_ = 0;
    std::vector<std::uint32_t> counts_;
};

}  // namespace synfire
