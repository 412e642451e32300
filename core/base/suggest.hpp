// The nearest right name to one that is unknown, for error messages.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace synfire {

// "; did you mean 'leak'?" where one of the allowed names is near (at most a third of its letters
// differ, counting swaps of neighbours as one), otherwise "".
std::string did_you_mean(std::string_view name, const std::vector<std::string>& allowed);

// "'a', 'b' or 'c'"
std::string list_of(const std::vector<std::string>& names);

}  // namespace synfire
