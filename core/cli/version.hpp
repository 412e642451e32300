#pragma once

#include <string>

namespace synfire::cli {

// The version alone on the first line; then the commit, the compiler, the plugin interface, and the
// instruction sets that this machine has, with the one in use.
std::string version_text();

}  // namespace synfire::cli
