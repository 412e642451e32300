#include <doctest/doctest.h>

#include "network/network.hpp"
#include "support/experiments.hpp"

using namespace synfire;
using namespace synfire::testing;
using json = nlohmann::json;

namespace {

json population(const char* name, int size, const char* neuron = "lif") {
    return {{"name", name}, {"size", size}, {"neuron", neuron}};
}
json projection(const char* source, const char* target, int delay = 0) {
    return {{"source", source}, {"target", target}, {"delay_ticks", delay}};
}
using List = std::vector<json>;
json of(const List& populations, const List& projections) {
    return {{"network", {{"populations", populations}, {"projections", projections}}}};
}
bool has(const std::string& text, const char* part) {
    const bool found = text.find(part) != std::string::npos;
    if (!found) MESSAGE(text);
    return found;
}

}  // namespace

TEST_CASE("populations are advanced along delay-0 projections, whatever their order in the file") {
    const auto n = network(of({population("c", 2), population("b", 2), population("a", 2)},
                              {projection("a", "b"), projection("b", "c"), projection("c", "a", 1)})
                               .at("network"));
    CHECK(n.order == std::vector<std::uint32_t>{2, 1, 0});
}

TEST_CASE("a cycle without delay is named") {
    const auto problems =
        problems_of(of({population("a", 2), population("b", 2), population("c", 2)},
                       {projection("a", "b"), projection("b", "c"), projection("c", "b")}));
    CHECK(has(problems, "/network/projections: The cycle b -> c -> b has no delay"));
    CHECK(has(problems_of(of(List{population("a", 2)}, List{projection("a", "a")})),
              "The cycle a -> a has no delay"));
}

TEST_CASE("unknown names, wrong sizes and double names are all reported") {
    json one_to_one = projection("in", "b");
    one_to_one["topology"] = "one_to_one";
    const auto problems = problems_of(of(
        {population("in", 3, "input"), population("b", 2), population("b", 4),
         population("r", 2, "leaky_readout")},
        {projection("inn", "b"), one_to_one, projection("b", "in", 1), projection("r", "b", 1)}));
    CHECK(has(problems, "/network/populations/2/name: There is already a population 'b'"));
    CHECK(has(problems,
              "/network/projections/0/source: There is no population 'inn'; did you mean "
              "'in'?"));
    CHECK(has(problems, "one_to_one joins populations of equal size, and these have 3 and 2"));
    CHECK(has(problems, "'in' is an input and takes no synapses"));
    CHECK(has(problems, "'r' never spikes"));
    CHECK(has(problems, "test.json:"));
}

TEST_CASE("an unknown plugin and a parameter out of range are reported with what is allowed") {
    json bad = population("b", 2);
    bad["parameters"] = {{"threshold", -1}, {"leek", 2}, {"reset", "sofft"}};
    const auto problems = problems_of(of(List{population("a", 2, "liff"), bad}, List{}));
    CHECK(has(problems, "/network/populations/0/neuron: 'liff' is unknown; did you mean 'lif'?"));
    CHECK(has(problems,
              "/network/populations/1/parameters/threshold: -1 is out of range, expected "
              "a number, above 0."));
    CHECK(has(problems, "'leek' is unknown here; did you mean 'leak'?"));
    CHECK(has(problems,
              "/network/populations/1/parameters/reset: 'sofft' is unknown; did you mean "
              "'soft'?"));
}

TEST_CASE("a shape has to describe the population") {
    json p = population("in", 8, "input");
    p["shape"] = {2, 2, 3};
    CHECK(has(problems_of(of(List{p}, List{})), "[2,2,3] does not describe 8 neurons"));
}

TEST_CASE("auto integration follows the documented rule") {
    json sparse = projection("a", "b");
    sparse["topology"] = "one_to_one";
    auto resolve = [](const json& j, const std::vector<bool>& swept = {}) {
        const Network n(network(j.at("network")), 1, swept);
        return n.populations()[1].by_event;
    };
    CHECK(resolve(of({population("a", 2, "input"), population("b", 2)}, List{sparse})));
    CHECK_FALSE(resolve(of({population("a", 2, "input"), population("b", 2)}, List{sparse}),
                        {false, true}));
    CHECK_FALSE(
        resolve(of({population("a", 2, "input"), population("b", 2)}, List{projection("a", "b")})));
    json biased = sparse;
    biased["bias"] = true;
    CHECK_FALSE(resolve(of({population("a", 2, "input"), population("b", 2)}, List{biased})));
}

TEST_CASE("weights are the same for a seed and differ between seeds and projections") {
    const json j = of({population("a", 5, "input"), population("b", 7)},
                      {projection("a", "b"), projection("b", "b", 1)});
    const Network one(network(j.at("network")), 1), again(network(j.at("network")), 1);
    const Network other(network(j.at("network")), 2);
    CHECK(one.fingerprint() == again.fingerprint());
    CHECK(one.fingerprint() != other.fingerprint());
    CHECK(one.projections()[0].weights.row(0)[0] != one.projections()[1].weights.row(0)[0]);
    CHECK(one.projections()[0].weights.row(0)[7] == 0.0f);  // padding
}
