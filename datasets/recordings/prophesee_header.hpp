// The header of Prophesee's files: lines "% keyword value", the last "% end" in newer files.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "recordings/byte_source.hpp"

namespace synfire {

struct PropheseeHeader {
    bool any = false;
    std::string evt;     // "2.0", "2.1", "3.0", or "" where it names none
    std::string sensor;  // plugin or system that recorded
    std::uint32_t columns = 0, rows = 0;
    int version = 0;  // of DAT files
};

PropheseeHeader take_prophesee_header(ByteSource& source);

bool has_prophesee_header(std::span<const unsigned char> beginning);
// What EVT version a header names.
std::optional<std::string> evt_version(std::span<const unsigned char> beginning);

}  // namespace synfire
