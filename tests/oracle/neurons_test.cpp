// The golden cases of NEST's neurons: nest_iaf_psc_*, nest_aeif_psc_exp*, nest_izhikevich*. One
// neuron, spike trains with a weight and a delay each; its state after every tick, and when it
// fires.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "engine/engine.hpp"
#include "oracle/golden_case.hpp"
#include "support/environment.hpp"
#include "support/experiments.hpp"

using namespace synfire;
using namespace synfire::testing;
using json = nlohmann::json;

namespace {

// What a case compares: a variable of ours with what NEST recorded.
struct Compared {
    const char* variable;
    const char* name;
    const char* recorded;
    bool from_rest;  // ours is relative to E_L
    double absolute, relative;
    double around_spikes_ms;  // not compared so near to a spike
};
// A model of NEST's: ours, what its parameters are called here (nullptr: not needed), and what more
// ours is told.
struct Model {
    const char* name;
    std::map<std::string, const char*> renamed;
    json more;
    std::vector<Compared> compared;
};

const Model& model_of(const GoldenCase& c) {
    static const std::vector<Compared> membrane = {
        {"V_m", "V_m", "V_m_after_each_step_mV", true, 0, 1e-9, 0}};
    static const std::map<std::string, Model> models = {
        {"iaf_psc_delta", {"iaf_psc_delta", {}, json::object(), membrane}},
        {"iaf_psc_exp", {"iaf_psc_exp", {}, json::object(), membrane}},
        {"iaf_psc_alpha", {"iaf_psc_alpha", {}, json::object(), membrane}},
        {"aeif_psc_exp",
         {"adex",
          {{"V_th", "V_T"}, {"gsl_error_tol", nullptr}},
          json::object(),
          {{"V_m", "V_m", "V_m_after_each_step_mV", true, 1e-3, 0, 1},
           {"w", "w", "w_after_each_step", false, 1e-3, 1e-4, 0}}}},
        {"izhikevich",
         {"izhikevich",
          {{"consistent_integration", nullptr}},
          {{"integration", "euler"}},
          {{"v", "V_m", "V_m_after_each_step_mV", false, 0, 1e-9, 0},
           {"u", "U_m", "U_m_after_each_step", false, 0, 1e-9, 0}}}}};
    const auto found = models.find(c.json.at("model"));
    REQUIRE_MESSAGE(found != models.end(), "no neuron stands for this model of NEST's");
    return found->second;
}

json parameters_of(const GoldenCase& c) {
    const Model& model = model_of(c);
    json parameters = model.more;
    for (const auto& [name, value] : c.json.at("parameters").items()) {
        const auto renamed = model.renamed.find(name);
        if (renamed == model.renamed.end())
            parameters[name] = value;
        else if (renamed->second)
            parameters[renamed->second] = value;
    }
    return parameters;
}

json network_of(const GoldenCase& c) {
    const double dt = c.json.at("resolution_ms");
    const json& inputs = c.json.at("inputs");
    json n = {{"dt_ms", dt},
              {"populations",
               {{{"name", "in"}, {"size", inputs.size()}, {"neuron", "input"}},
                {{"name", "cell"},
                 {"size", 1},
                 {"neuron", model_of(c).name},
                 {"parameters", parameters_of(c)}}}},
              {"projections", json::array()}};
    for (std::size_t k = 0; k < inputs.size(); ++k)
        n["projections"].push_back(
            {{"name", fmt::format("train {}", k)},
             {"source", "in"},
             {"target", "cell"},
             {"topology", "sparse"},
             {"synapses", {{k, 0}}},
             {"delay_ticks", std::lround(inputs[k].at("delay_ms").get<double>() / dt)},
             {"weights", {{"distribution", "constant"}, {"value", inputs[k].at("weight")}}}});
    return n;
}

// The largest difference of a variable's course, as a share of what is allowed.
double largest_difference(const GoldenCase& c, const Compared& compared,
                          const std::vector<double>& course) {
    const double dt = c.json.at("resolution_ms");
    const auto expected = flattened(c.json.at(compared.recorded));
    const auto spikes = flattened(c.json.at("spike_times_ms"));
    const double rest = compared.from_rest ? c.json.at("parameters").at("E_L").get<double>() : 0;
    REQUIRE(course.size() == expected.size());
    double largest = 0;
    for (std::size_t step = 0; step < expected.size(); ++step) {
        const double now = static_cast<double>(step + 1) * dt;
        if (std::ranges::any_of(
                spikes, [&](double t) { return std::fabs(t - now) < compared.around_spikes_ms; }))
            continue;
        const double allowed = compared.absolute + compared.relative * std::fabs(expected[step]);
        const double difference = std::fabs(course[step] + rest - expected[step]) / allowed;
        largest = std::isnan(difference) ? difference : std::max(largest, difference);
        if (std::isnan(largest)) return largest;
    }
    return largest;
}

void check_case(const GoldenCase& c) {
    CAPTURE(c.name);
    const double dt = c.json.at("resolution_ms");
    const json& inputs = c.json.at("inputs");
    const Model& model = model_of(c);
    const Network net(network(network_of(c)), 1);
    Engine engine(net);
    const synfire_description& description =
        *net.description().populations[1].model->table->description;
    auto number_of = [&](const char* variable) {
        std::uint32_t number = 0;
        while (std::string(description.variables[number].name) != variable) ++number;
        return number;
    };
    // State that a case begins with has to be ours.
    const json initial = c.json.value("initial", json::object());
    for (const Compared& compared : model.compared) {
        const double rest =
            compared.from_rest ? c.json.at("parameters").at("E_L").get<double>() : 0;
        const double ours = description.variables[number_of(compared.variable)].initial + rest;
        REQUIRE(initial.value(compared.name, ours) == doctest::Approx(ours).epsilon(1e-12));
    }
    std::vector<std::vector<double>> courses(model.compared.size());
    std::vector<double> value, spikes;
    const auto steps = static_cast<std::int64_t>(c.json.at(model.compared[0].recorded).size());
    // Tick 0 is NEST's first step, whose end is at dt.
    for (std::int64_t tick = 0; tick < steps; ++tick) {
        std::vector<std::uint32_t> now;
        for (std::uint32_t k = 0; k < inputs.size(); ++k)
            for (const double t : inputs[k].at("times_ms"))
                if (std::llround(t / dt) == tick + 1) now.push_back(k);
        const InputSpikes input{0, now};
        engine.step(tick, {&input, 1});
        if (!engine.spikes(1).empty()) spikes.push_back(static_cast<double>(tick + 1) * dt);
        for (std::size_t k = 0; k < courses.size(); ++k) {
            engine.read(1, number_of(model.compared[k].variable), value);
            courses[k].push_back(value[0]);
        }
    }
    for (std::size_t k = 0; k < courses.size(); ++k) {
        CAPTURE(model.compared[k].variable);
        CHECK(largest_difference(c, model.compared[k], courses[k]) <= 1);
    }
    const auto fired = flattened(c.json.at("spike_times_ms"));
    REQUIRE(spikes.size() == fired.size());
    for (std::size_t k = 0; k < fired.size(); ++k)
        CHECK(std::llround(spikes[k] / dt) == std::llround(fired[k] / dt));
    CHECK(!fired.empty());
}

}  // namespace

TEST_CASE("neurons agree with NEST on every golden case") {
    const auto cases = golden_cases(Golden::neuron);
    REQUIRE(!cases.empty());
    for (const GoldenCase& c : cases) check_case(c);
    MESSAGE(fmt::format("{} golden cases", cases.size()));
}
