// The models of a plugin's file, loaded into this process as the host loads them.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "conformance/subject.hpp"

namespace synfire::conformance {

// In the order of the tables: neurons, rules, releases, losses. Throws Fault where the file cannot
// be loaded, its tables do not fit this host, or two models of a kind have one id.
std::vector<Table> load_models(const std::filesystem::path& file);

// All that the tables say now, the entry called again.
std::string tables_as_text(const std::filesystem::path& file);

}  // namespace synfire::conformance
