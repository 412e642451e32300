// Files that are either whole or not there: written beside their place under another name, made
// durable, then renamed over it. A crash or a full disk leaves the old file as it was.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace synfire {

// Calls write(temporary path), then puts the file in its place. A symbolic link stays, and what it
// leads to is replaced. Throws what write throws, std::runtime_error where the file cannot be made
// durable or renamed, or InputError where something other than a file has its name, such as a
// device, which would be gone; then what was there stands.
void replace_file(const std::string& path, const std::function<void(const std::string&)>& write);

// Throws InputError where replace_file could not put a file at `path`, or would replace one of
// another kind: one that does not begin as all of its kind do. what: the content, for the words.
void require_place(const std::string& path, std::string_view what, std::string_view beginning);

// A hidden name beside `path` for what is not whole yet; it holds this process's number.
std::string temporary_name(const std::string& path);

// Removes what replace_file is writing, for an end of the program that unwinds nothing.
void remove_unfinished() noexcept;

// Removes the temporary files and folders in `folder` whose processes are dead.
void remove_leftovers(const std::string& folder);

}  // namespace synfire
