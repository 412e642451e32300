#include "base/note.hpp"

#include <cstdio>
#include <exception>

#include "base/printable.hpp"

namespace synfire {

void show_raw(std::string_view text) noexcept {
    std::fwrite(text.data(), 1, text.size(), stderr);
    std::fflush(stderr);
    std::clearerr(stderr);
}

void note(std::string_view line) noexcept {
    try {
        show_raw(printable(line) + "\n");
    } catch (const std::exception&) {  // no memory for another text
        show_raw(line);
        show_raw("\n");
    }
}

}  // namespace synfire
