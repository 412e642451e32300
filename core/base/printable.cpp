#include "base/printable.hpp"

#include <fmt/format.h>

namespace synfire {

std::optional<char32_t> next_code_point(std::string_view text, std::size_t& at) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const std::size_t begin = at++;
    const unsigned char first = byte(begin);
    if (first < 0x80) return first;
    const int more = first >= 0xf0 ? 3 : first >= 0xe0 ? 2 : 1;
    if (first < 0xc2 || first > 0xf4 || begin + static_cast<std::size_t>(more) >= text.size())
        return std::nullopt;
    char32_t point = first & (0x3f >> more);
    for (int k = 1; k <= more; ++k) {
        const unsigned char next = byte(begin + static_cast<std::size_t>(k));
        if ((next & 0xc0) != 0x80) return std::nullopt;
        point = point << 6 | (next & 0x3f);
    }
    const bool too_long = (more == 2 && point < 0x800) || (more == 3 && point < 0x10000);
    if (too_long || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff)) return std::nullopt;
    at = begin + static_cast<std::size_t>(more) + 1;
    return point;
}

bool is_utf8(std::string_view text) {
    for (std::size_t at = 0; at < text.size();)
        if (!next_code_point(text, at)) return false;
    return true;
}

bool is_control(char32_t c) {
    return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x2028 || c == 0x2029 ||
           (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) || c == 0x200e ||
           c == 0x200f || c == 0xfeff;
}

std::string printable(std::string_view text) {
    std::string shown;
    shown.reserve(text.size());
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t begin = at;
        const auto point = next_code_point(text, at);
        if (point == U'\n')
            shown += "\\n";
        else if (point == U'\t')
            shown += "\\t";
        else if (point == U'\r')
            shown += "\\r";
        else if (!point || (is_control(*point) && *point < 0x100))
            shown += fmt::format("\\x{:02x}", point ? static_cast<unsigned>(*point)
                                                    : static_cast<unsigned char>(text[begin]));
        else if (is_control(*point))
            shown += fmt::format("\\u{:04x}", static_cast<unsigned>(*point));
        else
            shown.append(text, begin, at - begin);
    }
    return shown;
}

}  // namespace synfire
