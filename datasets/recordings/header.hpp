// The lines of text that recordings begin with.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "recordings/byte_source.hpp"

namespace synfire {

// Takes the lines that begin with `mark` and are text, up to one that is not or behind `last`.
// Without what ends them.
std::vector<std::string> take_header(ByteSource& source, std::string_view mark,
                                     std::string_view last = "");

// Whether a file that begins so is text, or has the mark of another kind of file (NumPy, ZIP, gzip,
// HDF5, PNG, JPEG, MATLAB): no recording without a header does.
bool is_of_another_kind(std::span<const unsigned char> beginning);

// Whether a name ends so, in small letters or capitals.
bool has_ending(std::string_view name, std::string_view ending);

// What stands behind `key` and blanks in the first line that begins with it, or "".
std::string header_value(const std::vector<std::string>& lines, std::string_view key);

}  // namespace synfire
