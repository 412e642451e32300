#include "pictures/picture.hpp"

namespace synfire {

Picture side_by_side(std::span<const Picture> pictures, std::uint32_t across, std::uint32_t gap,
                     std::uint8_t gap_colour) {
    const std::uint32_t columns = pictures[0].columns, rows = pictures[0].rows;
    const auto count = static_cast<std::uint32_t>(pictures.size());
    Picture all(across * (columns + gap) + gap, (count + across - 1) / across * (rows + gap) + gap,
                gap_colour);
    for (std::uint32_t i = 0; i < count; ++i)
        for (std::uint32_t r = 0; r < rows; ++r)
            for (std::uint32_t c = 0; c < columns; ++c)
                all.at(gap + i % across * (columns + gap) + c,
                       gap + i / across * (rows + gap) + r) =
                    pictures[i].pixels[std::size_t{r} * columns + c];
    return all;
}

Picture magnified(const Picture& picture, std::uint32_t factor) {
    Picture large(picture.columns * factor, picture.rows * factor);
    for (std::uint32_t r = 0; r < large.rows; ++r)
        for (std::uint32_t c = 0; c < large.columns; ++c)
            large.at(c, r) = picture.pixels[std::size_t{r / factor} * picture.columns + c / factor];
    return large;
}

}  // namespace synfire
