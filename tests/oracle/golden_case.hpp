// Golden cases, read from the JSON files of $SYNFIRE_ORACLE, and comparison with the tolerance that
// a case asks for. A file that neither a test nor the list of those not yet supported knows fails.
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

// Which tests a file of golden cases belongs to.
enum class Golden { network, neuron, plasticity, modulated, release, unsupported, unknown };
Golden golden_kind(const std::string& file_name);

// The cases of one kind in all folders, by name. Those not yet supported are named in a message.
std::vector<GoldenCase> golden_cases(Golden kind);

// Every number of a nested array, in order.
std::vector<double> flattened(const nlohmann::json& array);

// The largest difference of two arrays relative to the largest entry of `expected`; infinite where
// they differ in length.
double deviation(const std::vector<double>& actual, const std::vector<double>& expected);

}  // namespace synfire::testing
