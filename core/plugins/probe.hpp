// What a file says of itself as a plugin before any of its code runs: read from the symbol table
// of the shared object, without loading it. Whatever the bytes are, they are only read.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace synfire {

// The reason why the file cannot be a plugin of this program, as a clause that follows "because";
// nothing if it may be loaded. A file is refused that cannot be read, that is no shared object of
// this machine, that is truncated, that exports no plugin entry, or whose entry is of another major
// ABI version.
std::optional<std::string> refusal_before_loading(const std::filesystem::path& file);

// The same of a file's bytes.
std::optional<std::string> refusal_of_image(std::string_view image);

}  // namespace synfire
