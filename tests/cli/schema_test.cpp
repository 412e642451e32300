// The emitted JSON Schema agrees with the program's own checks, as an independent validator sees
// it, and the printed reference is up to date.
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validator.hpp>

#include "formats.hpp"
#include "learning/experiment.hpp"
#include "support/environment.hpp"
#include "support/experiments.hpp"

using namespace synfire;
using namespace synfire::testing;
using json = nlohmann::json;

namespace {

bool schema_accepts(const json& value) {
    static const json text = to_schema(experiment_form(plugins(), input_formats()));
    valijson::Schema schema;
    valijson::SchemaParser parser(valijson::SchemaParser::kDraft7);
    parser.populateSchema(valijson::adapters::NlohmannJsonAdapter(text), schema);
    valijson::Validator validator(valijson::Validator::kStrongTypes);
    return validator.validate(schema, valijson::adapters::NlohmannJsonAdapter(value), nullptr);
}

}  // namespace

TEST_CASE("every model is valid, for the program and by the schema") {
    int models = 0;
    for (const auto& entry : std::filesystem::directory_iterator(SYNFIRE_SOURCE_DIR "/models")) {
        CAPTURE(entry.path().string());
        std::ifstream stream(entry.path());
        const json model = json::parse(stream);
        CHECK(schema_accepts(model));
        CHECK(problems_of(model) == "");
        ++models;
    }
    CHECK(models >= 4);
}

TEST_CASE("the schema refuses what the program refuses") {
    CHECK(schema_accepts(small_experiment()));
    auto refused = [](auto change) {
        json e = small_experiment();
        change(e);
        CHECK(problems_of(e) != "");
        return !schema_accepts(e);
    };
    CHECK(refused([](json& e) { e["netwrok"] = 1; }));
    CHECK(refused([](json& e) { e.erase("network"); }));
    CHECK(refused([](json& e) { e["network"]["populations"][1]["parameters"]["leek"] = 1; }));
    CHECK(refused([](json& e) { e["network"]["populations"][1]["parameters"]["threshold"] = 0; }));
    CHECK(refused([](json& e) { e["network"]["populations"][1]["neuron"] = "none"; }));
    CHECK(refused([](json& e) { e["network"]["populations"][0]["parameters"] = json::object(); }));
    CHECK(refused([](json& e) { e["training"]["optimiser"]["momentum"] = 0.5; }));
    CHECK(refused([](json& e) { e["input"]["ticks"] = "many"; }));
    CHECK(refused([](json& e) {
        e["network"]["projections"][0]["weights"] = {{"distribution", "uniform"}};
    }));
}

TEST_CASE("docs/json.md is what `synfire schema --markdown` prints") {
    std::stringstream text;
    text << std::ifstream(SYNFIRE_SOURCE_DIR "/docs/json.md").rdbuf();
    const std::string reference = to_markdown(experiment_form(plugins(), input_formats()), "");
    CHECK(text.str().find(reference) != std::string::npos);
}
