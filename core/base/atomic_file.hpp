// Files that are either whole or not there: written beside their place under another name, made
// durable, then renamed over it. A crash or a full disk leaves the old file as it was.
#pragma once

#include <functional>
#include <string>

namespace synfire {

// Calls write(temporary path), then puts the file in its place. Throws what write throws, or
// std::runtime_error where the file cannot be made durable or renamed; then the old file stands.
void replace_file(const std::string& path, const std::function<void(const std::string&)>& write);

// A name beside `path` for what is not whole yet; it holds this process's number.
std::string temporary_name(const std::string& path);

// Removes the temporary files and folders in `folder` whose processes are dead.
void remove_leftovers(const std::string& folder);

}  // namespace synfire
