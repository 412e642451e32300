// Standard output. Writing never throws; whether everything arrived is found out once, at the end
// of the program, and is part of its exit status.
#pragma once

#include <fmt/format.h>

#include <string_view>

namespace synfire::cli {

// To be called before anything is opened: what the caller has closed of standard input, output and
// error is taken up by files that cannot be used, so that no file of ours gets their numbers. Makes
// writing to a closed pipe, or beyond the largest file that is allowed, an error as others.
void guard_streams();

void say_text(std::string_view text) noexcept;

template <class... T>
void say(fmt::format_string<T...> format, T&&... values) {
    say_text(fmt::format(format, std::forward<T>(values)...));
}

// The program's exit status: `status`, or 1 with a word on standard error where standard output
// could not take everything.
int finish_output(int status) noexcept;

}  // namespace synfire::cli
