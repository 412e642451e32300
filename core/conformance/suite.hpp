// The conformance suite: whether a plugin's file keeps the promises of synfire/abi.h. Nothing of
// the plugin runs in this process: each check runs in a process of its own, and what becomes of
// that is part of the answer.
#pragma once

#include <filesystem>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace synfire::conformance {

enum class Verdict { passed, failed, skipped };

struct Outcome {
    std::string kind, id;  // of the model; "" where the check is about the file
    std::string check, promise;
    Verdict verdict;
    std::string words;  // failed: a sentence about the model; skipped: a clause that says why
    std::vector<std::pair<std::string, double>> measured;
};

struct Limits {
    double busy_s = 20;  // of computing, for a check
};

// show: called with each outcome as soon as there is one. shipped: folders with plugins that the
// program ships. Throws InputError where there is no such file.
std::vector<Outcome> check_plugin(const std::filesystem::path& file,
                                  const std::vector<std::filesystem::path>& shipped,
                                  const Limits& limits,
                                  const std::function<void(const Outcome&)>& show);

bool passed(const std::vector<Outcome>& outcomes);

// {"file", "passed", "checks": [{"kind", "id", "check", "promise", "verdict", "finding"|"because",
// "measured"}]}
nlohmann::json to_json(const std::filesystem::path& file, const std::vector<Outcome>& outcomes);

}  // namespace synfire::conformance
