#include "recordings/hot_pixels.hpp"

#include <algorithm>
#include <bit>

namespace synfire {

void PixelCounts::grow(std::uint32_t x, std::uint32_t y) {
    const std::uint32_t columns = std::max(columns_, std::bit_ceil(x + 1));
    const std::uint32_t rows = std::max(rows_, std::bit_ceil(y + 1));
    std::vector<std::uint32_t> counts(std::size_t{columns} * rows);
    for (std::uint32_t row = 0; row < rows_; ++row)
        std::copy_n(counts_.data() + std::size_t{row} * columns_, columns_,
                    counts.data() + std::size_t{row} * columns);
    counts_ = std::move(counts);
    columns_ = columns;
    rows_ = rows;
}

std::vector<HotPixel> PixelCounts::hot() const {
    constexpr std::uint64_t least = 100, times = 10;
    std::vector<std::uint32_t> active;
    for (const std::uint32_t count : counts_)
        if (count > 0) active.push_back(count);
    std::vector<HotPixel> hot;
    if (active.empty()) return hot;
    const auto place = active.begin() + static_cast<std::ptrdiff_t>((active.size() - 1) * 95 / 100);
    std::ranges::nth_element(active, place);
    const std::uint64_t usual = std::max<std::uint64_t>(times * *place, least);
    for (std::size_t i = 0; i < counts_.size(); ++i)
        if (counts_[i] > usual)
            hot.push_back({static_cast<std::uint16_t>(i % columns_),
                           static_cast<std::uint16_t>(i / columns_), counts_[i]});
    std::ranges::sort(hot, [](const HotPixel& a, const HotPixel& b) {
        return a.events != b.events ? a.events > b.events
                                    : std::pair(a.y, a.x) < std::pair(b.y, b.x);
    });
    return hot;
}

}  // namespace synfire
