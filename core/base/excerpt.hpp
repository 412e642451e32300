// What a file holds, as messages show it: on one line, whatever is in it, and not too much of it.
#pragma once

#include <string>
#include <string_view>

#include "base/printable.hpp"

namespace synfire {

// The beginning of a text in quotes, the rest of a long one as "...".
inline std::string excerpt(std::string_view text) {
    constexpr std::size_t most = 60;  // bytes
    return "'" + printable(text.substr(0, most)) + (text.size() > most ? "...'" : "'");
}

}  // namespace synfire
