// Standard error, for what a user should know beside the results. Writing there never fails, ends
// or changes a run: a closed or full standard error loses the words and nothing else.
#pragma once

#include <string_view>

namespace synfire {

// A line of its own, with control characters spelt out.
void note(std::string_view line) noexcept;

// As it is, for a display that moves the terminal's cursor.
void show_raw(std::string_view text) noexcept;

}  // namespace synfire
