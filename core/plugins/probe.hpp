// What a file says of itself as a plugin before any of its code runs: read from the symbol table
// of the shared object, without loading it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace synfire {

// The reason why the file cannot be a plugin of this program, as a clause that follows "because";
// nothing if it may be loaded. A file is refused that cannot be read, that is no shared object of
// this machine, that exports no plugin entry, or whose entry is of another major ABI version.
std::optional<std::string> refusal_before_loading(const std::filesystem::path& file);

}  // namespace synfire
