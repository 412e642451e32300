#include "oracle/golden_case.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <limits>

#include "support/environment.hpp"

namespace synfire::testing {

namespace {

struct Pattern {
    const char* text;
    Golden kind;
};
// The first that stands in a file's name decides.
constexpr Pattern patterns[] = {
    {"_initial", Golden::unsupported},
    {"_step_current", Golden::unsupported},
    {"nest_iaf_cond_", Golden::unsupported},
    {"nest_aeif_cond_", Golden::unsupported},
    {"nest_tsodyks2", Golden::release},
    {"nest_iaf_psc_", Golden::neuron},
    {"nest_aeif_psc_exp", Golden::neuron},
    {"nest_izhikevich", Golden::neuron},
    {"nest_stdp_dopamine", Golden::modulated},
    {"nest_stdp_", Golden::plasticity},
    {"nest_vogels_sprekeler", Golden::plasticity},
    {"rec_", Golden::network},
    {"ff_", Golden::network},
    {"conv_", Golden::network},
    {"bptt_", Golden::network},
};

std::vector<std::filesystem::path> files() {
    std::vector<std::filesystem::path> all;
    for (const std::string& folder : oracle_folders())
        for (const auto& entry : std::filesystem::directory_iterator(folder))
            if (entry.path().extension() == ".json") all.push_back(entry.path());
    std::ranges::sort(all, {}, [](const auto& path) { return path.filename(); });
    return all;
}

}  // namespace

Golden golden_kind(const std::string& file_name) {
    for (const Pattern& pattern : patterns)
        if (file_name.find(pattern.text) != std::string::npos) return pattern.kind;
    return Golden::unknown;
}

std::vector<GoldenCase> golden_cases(Golden kind) {
    std::vector<GoldenCase> cases;
    std::string unsupported;
    for (const auto& file : files()) {
        const std::string name = file.filename().string();
        const Golden its = golden_kind(name);
        CAPTURE(name);
        CHECK_MESSAGE(its != Golden::unknown, "no test knows this golden case");
        if (its == Golden::unsupported) unsupported += " " + name;
        if (its != kind) continue;
        std::ifstream stream(file);
        cases.push_back({name, nlohmann::json::parse(stream)});
    }
    if (!unsupported.empty()) MESSAGE("not yet supported:" << unsupported);
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
