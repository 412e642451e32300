// Text that came from a file or a name, as a terminal may be shown it: control characters, marks
// that turn the direction of writing, and bytes that are no UTF-8 stand there spelt out.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace synfire {

// The code point that begins at `at`, which is moved past it; nothing, and moved by one byte, where
// the bytes are no UTF-8.
std::optional<char32_t> next_code_point(std::string_view text, std::size_t& at);

bool is_utf8(std::string_view text);

// Whether a terminal or a file browser would act on it in place of showing it.
bool is_control(char32_t code_point);

// "a\nb" for a line break between a and b, "\x1b" for the escape character.
std::string printable(std::string_view text);

}  // namespace synfire
