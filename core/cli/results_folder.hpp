// Where a command's results go, without ever overwriting those of an earlier run.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace synfire::cli {

// The folder, made if needed: `wanted`, or runs/<name>-<number> with the first free number. Throws
// InputError where it cannot be made.
std::string results_folder(const std::string& wanted, const std::string& name);

// Writes an indented JSON file, whole or not at all.
void write_json_file(const std::string& path, const nlohmann::json& value);

// Moves those of the files that exist to folder/previous-<number>. Returns that folder, or "".
std::string set_aside(const std::string& folder, const std::vector<std::string>& files);

}  // namespace synfire::cli
