// A small text file as a whole.
#pragma once

#include <string>

namespace synfire {

// Throws InputError where it is a folder, a device or a Git LFS pointer, or cannot be read. what:
// the kind of file that is expected, as messages name it.
std::string read_text_file(const std::string& path, const std::string& what);

}  // namespace synfire
