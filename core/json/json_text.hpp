// JSON text read by one rule, wherever it comes from: no key twice in an object, brackets at most
// 64 deep, no NUL, finite numbers. What is wrong is said in words, with line and column.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "base/problem.hpp"

namespace synfire {

// Throws InputError. name: of the file, for problems.
nlohmann::json parse_json(std::string_view text, const std::string& name);

// The lines of the values at these pointers in text that parse_json has accepted; where a pointer
// leads to nothing, the line of the nearest value around it.
std::map<std::string, int> lines_of(std::string_view text,
                                    const std::vector<std::string>& pointers);

// A pointer without its last step.
std::string enclosing(const std::string& pointer);
// A pointer and one step more.
std::string extended(const std::string& pointer, std::string_view key);

}  // namespace synfire
