// What a file holds, as messages show it: on one line, whatever is in it, and not too much of it.
#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>

namespace synfire {

// Bytes that are not printable ASCII as \xNN, the rest of a long text as "...".
inline std::string printable(std::string_view text) {
    constexpr std::size_t most = 60;
    std::string line;
    for (const char c : text.substr(0, most)) {
        if (c >= ' ' && c <= '~')
            line += c;
        else
            line += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    }
    return line + (text.size() > most ? "..." : "");
}

inline std::string excerpt(std::string_view text) {
    return fmt::format("'{}'", printable(text));
}

}  // namespace synfire
