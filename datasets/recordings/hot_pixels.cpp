#include "recordings/hot_pixels.hpp"

#include <algorithm>

namespace synfire {

std::vector<HotPixel> PixelCounts::hot() const {
    constexpr std::uint64_t least = 100, times = 10;
    std::vector<std::uint32_t> active;
    for (const auto& row : tiles_)
        for (const auto& tile : row)
            for (const std::uint32_t count : tile)
                if (count > 0) active.push_back(count);
    std::vector<HotPixel> hot;
    if (active.empty()) return hot;
    const auto place = active.begin() + static_cast<std::ptrdiff_t>((active.size() - 1) * 95 / 100);
    std::ranges::nth_element(active, place);
    const std::uint64_t usual = std::max<std::uint64_t>(times * *place, least);
    for (std::size_t row = 0; row < tiles_.size(); ++row)
        for (std::size_t column = 0; column < tiles_[row].size(); ++column) {
            const std::vector<std::uint32_t>& tile = tiles_[row][column];
            for (std::size_t i = 0; i < tile.size(); ++i)
                if (tile[i] > usual)
                    hot.push_back({static_cast<std::uint16_t>(column * edge + i % edge),
                                   static_cast<std::uint16_t>(row * edge + i / edge), tile[i]});
        }
    std::ranges::sort(hot, [](const HotPixel& a, const HotPixel& b) {
        return a.events != b.events ? a.events > b.events
                                    : std::pair(a.y, a.x) < std::pair(b.y, b.x);
    });
    return hot;
}

}  // namespace synfire
