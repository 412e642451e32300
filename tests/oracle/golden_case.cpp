#include "oracle/golden_case.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <limits>

namespace synfire::testing {

std::vector<GoldenCase> golden_cases(const std::string& folder,
                                     const std::vector<std::string>& prefixes) {
    std::vector<GoldenCase> cases;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        const std::string name = entry.path().filename().string();
        const bool wanted = std::ranges::any_of(
            prefixes, [&](const std::string& prefix) { return name.starts_with(prefix); });
        if (!wanted || entry.path().extension() != ".json") continue;
        std::ifstream stream(entry.path());
        cases.push_back({name, nlohmann::json::parse(stream)});
    }
    std::ranges::sort(cases, {}, &GoldenCase::name);
    return cases;
}

namespace {

void append(const nlohmann::json& value, std::vector<double>& numbers) {
    if (value.is_array())
        for (const auto& element : value) append(element, numbers);
    else
        numbers.push_back(value.get<double>());
}

}  // namespace

std::vector<double> flattened(const nlohmann::json& array) {
    std::vector<double> numbers;
    append(array, numbers);
    return numbers;
}

double deviation(const std::vector<double>& actual, const std::vector<double>& expected) {
    if (actual.size() != expected.size()) return std::numeric_limits<double>::infinity();
    double largest = 0, difference = 0;
    for (std::size_t i = 0; i < expected.size(); ++i) {
        largest = std::max(largest, std::fabs(expected[i]));
        const double d = std::fabs(actual[i] - expected[i]);
        difference =
            std::isnan(d) ? std::numeric_limits<double>::infinity() : std::max(difference, d);
    }
    return largest > 0 ? difference / largest : difference;
}

}  // namespace synfire::testing
