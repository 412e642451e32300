// A golden case of the S-TLLR reference, read from JSON, and comparison with the tolerance that its
// secondary activation asks for.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace synfire::testing {

struct GoldenCase {
    std::string name;
    nlohmann::json json;

    const nlohmann::json& config() const { return json.at("config"); }
    std::uint32_t size(const char* key) const { return config().at(key); }
    std::string rule() const { return json.at("rule"); }
    bool convolutional() const { return config().contains("channels"); }
    // Relative to the largest entry of an array.
    double tolerance() const { return json.at("psi") == "fast_sigmoid_100" ? 5e-4 : 2e-5; }
};

// The cases of a folder whose file names begin with one of the prefixes, by name.
std::vector<GoldenCase> golden_cases(const std::string& folder,
                                     const std::vector<std::string>& prefixes);

// Every number of a nested array, in order.
std::vector<double> flattened(const nlohmann::json& array);

// The largest difference of two arrays relative to the largest entry of `expected`; infinite where
// they differ in length.
double deviation(const std::vector<double>& actual, const std::vector<double>& expected);

}  // namespace synfire::testing
