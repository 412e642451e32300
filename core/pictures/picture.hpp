// Pictures of few colours, and the files that hold them.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace synfire {

struct Colour {
    std::uint8_t red, green, blue;
};

struct Picture {
    std::uint32_t columns = 0, rows = 0;
    std::vector<std::uint8_t> pixels;  // a colour's number each, row by row from the top

    Picture(std::uint32_t column_count, std::uint32_t row_count, std::uint8_t colour = 0)
        : columns(column_count),
          rows(row_count),
          pixels(std::size_t{column_count} * row_count, colour) {}
    std::uint8_t& at(std::uint32_t column, std::uint32_t row) {
        return pixels[std::size_t{row} * columns + column];
    }
};

// Most columns and rows that a picture may have in a file.
inline constexpr std::uint32_t largest_picture = 16384;

// A PNG file's bytes. palette: at most 256 colours. Throws std::runtime_error.
std::string png_of(const Picture& picture, std::span<const Colour> palette);

// A GIF file's bytes: pictures of one size that follow each other, over and over. palette: at most
// 128 colours; centiseconds: that each is shown. Throws std::runtime_error.
std::string gif_of(std::span<const Picture> pictures, std::span<const Colour> palette,
                   std::uint16_t centiseconds);

// Pictures of one size side by side, row after row of them, `gap` pixels of a colour around each.
Picture side_by_side(std::span<const Picture> pictures, std::uint32_t across, std::uint32_t gap,
                     std::uint8_t gap_colour);

// Every pixel as a square of `factor` x `factor`.
Picture magnified(const Picture& picture, std::uint32_t factor);

}  // namespace synfire
