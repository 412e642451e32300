#include "recordings/hot_pixels.hpp"

#include <algorithm>

namespace synfire {

std::vector<HotPixel> PixelCounts::hot() const {
    constexpr std::uint64_t least = 100, times = 10;
    std::vector<std::uint32_t> active;
    for (const auto& tile : tiles_)
        for (const std::uint32_t count : tile)
            if (count > 0) active.push_back(count);
    std::vector<HotPixel> hot;
    if (active.empty()) return hot;
    const auto place = active.begin() + static_cast<std::ptrdiff_t>((active.size() - 1) * 95 / 100);
    std::ranges::nth_element(active, place);
    const std::uint64_t usual = std::max<std::uint64_t>(times * *place, least);
    for (std::size_t t = 0; t < tiles_.size(); ++t)
        for (std::size_t i = 0; i < tiles_[t].size(); ++i)
            if (tiles_[t][i] > usual)
                hot.push_back({static_cast<std::uint16_t>(t % across * edge + i % edge),
                               static_cast<std::uint16_t>(t / across * edge + i / edge),
                               tiles_[t][i]});
    std::ranges::sort(hot, [](const HotPixel& a, const HotPixel& b) {
        return a.events != b.events ? a.events > b.events
                                    : std::pair(a.y, a.x) < std::pair(b.y, b.x);
    });
    return hot;
}

}  // namespace synfire
