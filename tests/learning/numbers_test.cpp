// No number of an experiment is converted in silence: each has the bounds of the type that it ends
// in, and what only a plugin or a format can judge is found when the experiment is read.
#include <doctest/doctest.h>

#include <set>

#include <cmath>
#include <functional>

#include "formats.hpp"
#include "json/document.hpp"
#include "learning/experiment.hpp"
#include "learning/trainer.hpp"
#include "support/environment.hpp"
#include "support/experiments.hpp"

using namespace synfire;
using namespace synfire::testing;
using json = nlohmann::json;

namespace {

void each_field(const std::vector<Field>& fields, const std::string& place,
                const std::function<void(const Field&, const std::string&)>& visit);

void each_field(const Form& form, const std::string& place,
                const std::function<void(const Field&, const std::string&)>& visit) {
    each_field(form.fields, place, visit);
    for (const auto& [name, fields] : form.variants)
        each_field(fields, place + "(" + name + ")", visit);
}
void each_field(const Field& f, const std::string& place,
                const std::function<void(const Field&, const std::string&)>& visit) {
    visit(f, place + "/" + f.name);
    if (f.form) each_field(*f.form, place + "/" + f.name, visit);
    if (f.element) each_field(*f.element, place + "/" + f.name + "[]", visit);
}
void each_field(const std::vector<Field>& fields, const std::string& place,
                const std::function<void(const Field&, const std::string&)>& visit) {
    for (const Field& f : fields) each_field(f, place, visit);
}

bool refuses(const char* pointer, const json& value, const char* words) {
    json e = small_experiment();
    e[json::json_pointer(pointer)] = value;
    const std::string problems = problems_of(e);
    const bool found =
        problems.find(words) != std::string::npos && problems.find(pointer) != std::string::npos;
    if (!found) MESSAGE(pointer << " = " << value.dump() << ": " << problems);
    return found;
}

std::string accepts(const char* pointer, const json& value) {
    json e = small_experiment();
    e[json::json_pointer(pointer)] = value;
    return problems_of(e);
}

}  // namespace

TEST_CASE("every whole number of an experiment has finite bounds") {
    int whole_numbers = 0;
    each_field(experiment_form(plugins(), input_formats()), "",
               [&](const Field& f, const std::string& place) {
                   if (f.type != Field::Type::integer) return;
                   CAPTURE(place);
                   CHECK(std::isfinite(f.min));
                   CHECK(std::isfinite(f.max));
                   CHECK(f.max <= largest_whole);
                   ++whole_numbers;
               });
    CHECK(whole_numbers > 20);
}

TEST_CASE("whole numbers beyond their type are refused, not cut") {
    const json beyond = 4294967297;  // 2^32 + 1
    CHECK(refuses("/training/window_ticks", beyond, "1 to 4294967295"));
    CHECK(refuses("/training/window_ticks", 18446744073709551615u, "is out of range"));
    CHECK(refuses("/input/limit", 18446744073709551615u, "1 to 9e15"));
    CHECK(refuses("/input/limit", 1e30, "is out of range"));
    CHECK(refuses("/input/label", beyond, "0 to 4294967295"));
    CHECK(refuses("/seed", 9000000000000001, "0 to 9e15"));
    CHECK(refuses("/record/state/0",
                  {{"population", "hidden"}, {"variable", "u"}, {"every_ticks", beyond}},
                  "1 to 4294967295"));
    CHECK(accepts("/input/limit", 1099511627776) == "");  // 2^40
    CHECK(experiment([] {
              json e = small_experiment();
              e["input"]["limit"] = 1099511627776;
              return e;
          }())
              .limit == 1099511627776);
}

TEST_CASE("numbers that single precision cannot hold are refused") {
    auto weights = [](json value) {
        return json{{"distribution", "constant"}, {"value", std::move(value)}};
    };
    CHECK(refuses("/network/projections/0/weights", weights(1e39), "beyond single precision"));
    CHECK(refuses("/network/projections/0/weights", weights(-1e39), "beyond single precision"));
    CHECK(refuses("/network/projections/0/weights", weights(1e-50), "too near to 0"));
    CHECK(accepts("/network/projections/0/weights", weights(0)) == "");
    CHECK(refuses("/network/projections/0/weights",
                  {{"distribution", "uniform"}, {"low", -3e38}, {"high", 3e38}},
                  "beyond single precision"));
    CHECK(refuses("/network/projections/0/weights",
                  {{"distribution", "normal"}, {"mean", 3e38}, {"std", 1e38}},
                  "beyond single precision"));
    CHECK(refuses("/network/projections/0/gain", 1e39, "beyond single precision"));
    CHECK(refuses("/training/optimiser/rate", 1e-46, "too near to 0"));
    CHECK(refuses("/training/optimiser/rate", 1e39, "beyond single precision"));
}

TEST_CASE("means that forget nothing are refused, also where rounding makes them so") {
    for (const char* beta : {"/training/optimiser/beta1", "/training/optimiser/beta2"}) {
        CHECK(refuses(beta, 1, "0 to below 1"));
        CHECK(refuses(beta, 0.999999999, "is 1 in single precision"));
        CHECK(accepts(beta, 0.9999) == "");
    }
    json e = small_experiment();
    e["training"]["optimiser"] = {{"type", "sgd"}, {"momentum", 1}};
    CHECK(problems_of(e).find("/training/optimiser/momentum: 1 is out of range") !=
          std::string::npos);
}

TEST_CASE("a tick has a length of a nanosecond to a quarter of an hour") {
    CHECK(refuses("/network/dt_ms", 1e-320, "is out of range"));
    CHECK(refuses("/network/dt_ms", 1e7, "is out of range"));
    CHECK(accepts("/network/dt_ms", 1e-6) == "");
}

TEST_CASE("whole numbers in lists may be written with a point or an exponent") {
    CHECK(accepts("/input/events", {{3.0, 1e0}, {1e1, 2}}) == "");
    CHECK(refuses("/input/events", {{1.5, 0}}, "[1.5,0] is no event"));
}

TEST_CASE("events that no sample can hold are found when the experiment is read") {
    for (const json& event : {json{1}, json{1, 6}, json{-1, 0}, json{20, 0}, json{"a", 0},
                              json{1, 2, 3}, json(7), json{1, 18446744073709551615u}}) {
        json e = small_experiment();
        e["input"]["events"] = json::array({json{0, 0}, event});
        CAPTURE(event.dump());
        CHECK(problems_of(e).find("/input/events/1: " + event.dump() +
                                  " is no event; expected "
                                  "[tick, unit] with a tick of 0 to 19 and a unit of 0 to 5.") !=
              std::string::npos);
    }
}

TEST_CASE("parameters that a plugin's constructor refuses are found when the experiment is read") {
    const PluginRegistry fixtures({SYNFIRE_FIXTURE_FOLDER});
    const json e = {{"network",
                     {{"populations",
                       {{{"name", "cells"},
                         {"size", 2},
                         {"neuron", "fussy"},
                         {"parameters", {{"v_reset", 30}}}}}}}}};
    CHECK_THROWS_WITH_AS(
        read_experiment(Document::from_text(e.dump(), "e.json"), fixtures, input_formats()),
        doctest::Contains("e.json:1: /network/populations/0/parameters: Population 'cells': plugin "
                          "'fussy' failed: v_reset has to be below v_threshold."),
        InputError);
}

TEST_CASE("one weight onto double-precision neurons is one weight a synapse where it learns") {
    const PluginRegistry with_twofold({SYNFIRE_PLUGIN_FOLDER, SYNFIRE_FIXTURE_FOLDER});
    json e = small_experiment();
    e["network"]["populations"][1] = {{"name", "hidden"}, {"size", 8}, {"neuron", "twofold"}};
    e["network"]["projections"] = {{{"source", "in"}, {"target", "hidden"}},
                                   {{"source", "hidden"}, {"target", "out"}}};
    e["network"]["projections"][0]["weights"] = {{"distribution", "constant"}, {"value", 0.5}};
    const Experiment read =
        read_experiment(Document::from_text(e.dump(), "e.json"), with_twofold, input_formats());
    Network network(read.network, 1, trained_populations(read.network));
    Trainer trainer(network, *read.training, *read.input, 1, 1);
    const EventSet set = random_recordings(2, 6, 20, 1);
    const std::vector<std::uint32_t> order = {0, 1};
    trainer.train_batch(set, order, 0, 0, 1);
    const Matrix& weights = network.projections()[0].weights;
    REQUIRE(weights.rows == 6);
    std::set<float> different;
    for (std::uint32_t r = 0; r < weights.rows; ++r)
        for (const float w : weights.values(r)) different.insert(w);
    CHECK(different.size() > 1);
}

TEST_CASE("a readout of one output, which is always right, is refused") {
    json e = small_experiment();
    e["network"]["populations"][2]["size"] = 1;
    CHECK(problems_of(e).find("/training/readout: 'out' has one output") != std::string::npos);
}
