// Pictures of 16 bits a channel in PNG files, which hold measurements.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace synfire {

struct Picture16 {
    std::uint32_t columns = 0, rows = 0, channels = 0;
    std::vector<std::uint16_t> values;  // channel by channel, pixel by pixel, row by row
};

// Throws InputError, which names the file, where it is no PNG of 16 bits a channel without a
// palette, or damaged.
Picture16 read_png16(const std::string& path);

}  // namespace synfire
