// Where tests find what is not part of the project: golden cases and recorded data.
#pragma once

#include <string>
#include <vector>

#include "plugins/registry.hpp"

namespace synfire::testing {

// The folders of $SYNFIRE_ORACLE, divided by ':', each of which has to be there; or those of
// ../shared/oracle:../shared/oracle-simulation that are. Relative to the project's folder.
std::vector<std::string> oracle_folders();
// $SYNFIRE_DATA, or the shared folder beside the project; "" where missing.
std::string data_folder();

// An environment variable; "" where it is not set.
std::string text_variable(const char* name);

// The plugins of this build.
const PluginRegistry& plugins();

// A new folder for one test, removed at the program's end.
std::string scratch_folder();

// The exit status that ctest takes for "skipped".
inline constexpr int skipped = 77;

}  // namespace synfire::testing
