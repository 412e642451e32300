// Text in pictures: letters of 5 x 7 pixels.
#pragma once

#include <cstdint>
#include <string_view>

#include "pictures/picture.hpp"

namespace synfire {

inline constexpr std::uint32_t letter_columns = 6, letter_rows = 9;  // the gaps between them too

// The letters that there are: digits, the point, minus, space, and those that legends need. Others
// are left blank, and what lies beyond the picture is left out.
void draw_text(Picture& picture, std::uint32_t column, std::uint32_t row, std::string_view text,
               std::uint8_t colour);

}  // namespace synfire
