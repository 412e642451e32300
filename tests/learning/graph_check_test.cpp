// What an experiment is refused for because spikes or errors find no way through its graph.
#include <doctest/doctest.h>

#include "support/experiments.hpp"

using namespace synfire;
using namespace synfire::testing;
using json = nlohmann::json;

namespace {

bool says(const json& e, const char* pointer, const char* text) {
    const std::string problems = problems_of(e);
    CAPTURE(problems);
    CHECK(problems.find(pointer) != std::string::npos);
    CHECK(problems.find(text) != std::string::npos);
    return !problems.empty();
}

json& populations(json& e) {
    return e["network"]["populations"];
}
json& projections(json& e) {
    return e["network"]["projections"];
}

}  // namespace

TEST_CASE("a readout that nothing feeds is refused") {
    json e = small_experiment();
    projections(e).erase(2);
    CHECK(says(e, "/training/readout", "Nothing feeds the readout 'out'"));
    projections(e) = json::array();
    CHECK(says(e, "/training/readout", "Nothing feeds the readout 'out'"));
    e["training"]["rule"] = "bptt";
    CHECK(says(e, "/training/readout", "Nothing feeds the readout 'out'"));
}

TEST_CASE("training in which nothing learns is refused") {
    json e = small_experiment();
    for (json& p : projections(e)) p["learn"] = false;
    CHECK(says(e, "/network/projections", "Nothing learns"));
    projections(e)[2]["learn"] = true;
    CHECK(problems_of(e).empty());
}

TEST_CASE("an input from which no way leads to the readout is refused in training") {
    json e = small_experiment();
    populations(e).push_back({{"name", "source"}, {"size", 4}, {"neuron", "poisson"}});
    projections(e)[0]["source"] = "source";
    CHECK(says(e, "/input/population", "No projections lead from the input 'in'"));
    // A run may just record it.
    e.erase("training");
    CHECK(problems_of(e).empty());
}

TEST_CASE("an input that /input/population does not name is refused") {
    json e = small_experiment();
    populations(e).push_back({{"name", "second"}, {"size", 4}, {"neuron", "input"}});
    projections(e).push_back({{"source", "second"}, {"target", "hidden"}});
    CHECK(says(e, "/network/populations/3",
               "Nothing feeds the input 'second': /input/population names 'in'"));
    e.erase("training");
    CHECK(says(e, "/network/populations/3", "Nothing feeds the input 'second'"));
    e.erase("input");
    CHECK(says(e, "/network/populations/0", "/input/population is not given"));
}

TEST_CASE("what learns but leads nowhere is refused") {
    json e = small_experiment();
    populations(e).push_back({{"name", "aside"}, {"size", 4}, {"neuron", "lif"}});
    projections(e).push_back({{"source", "hidden"}, {"target", "aside"}});
    CHECK(says(e, "/network/projections/3", "nothing leads from 'aside' to the readout 'out'"));
    projections(e)[3]["learn"] = false;
    CHECK(problems_of(e).empty());
}

TEST_CASE("errors that would have to go back through a delay are refused, where they cannot") {
    json e = small_experiment();
    projections(e)[2]["delay_ticks"] = 1;
    CHECK(says(e, "/network/projections/0", "only through a delay"));
    e["training"]["feedback"] = "dfa";
    CHECK(problems_of(e).empty());
    e["training"]["feedback"] = "bp";
    e["training"]["rule"] = "bptt";
    CHECK(problems_of(e).empty());
}

TEST_CASE("what learns from a population that never fires is refused") {
    json e = small_experiment();
    populations(e).push_back({{"name", "idle"}, {"size", 4}, {"neuron", "lif"}});
    projections(e).push_back({{"source", "idle"}, {"target", "hidden"}, {"delay_ticks", 1}});
    CHECK(says(e, "/network/projections/3", "no spike ever comes from 'idle'"));
    // Through others that are as idle, too.
    populations(e).push_back({{"name", "idler"}, {"size", 4}, {"neuron", "lif"}});
    projections(e).push_back({{"source", "idler"}, {"target", "idle"}, {"learn", false}});
    CHECK(says(e, "/network/projections/3", "no spike ever comes from 'idle'"));
    // A source, a bias, or a current of its own drives a population.
    SUBCASE("a source") {
        populations(e)[4] = {{"name", "idler"}, {"size", 4}, {"neuron", "poisson"}};
        CHECK(problems_of(e).empty());
    }
    SUBCASE("a bias") {
        projections(e)[4]["bias"] = true;
        CHECK(problems_of(e).empty());
    }
    SUBCASE("a current") {
        populations(e)[3] = {{"name", "idle"},
                             {"size", 4},
                             {"neuron", "iaf_psc_delta"},
                             {"parameters", {{"I_e", 1000}}}};
        projections(e).erase(4);
        CHECK(problems_of(e).empty());
        populations(e)[3]["parameters"]["I_e"] = 10;  // below rheobase
        CHECK(says(e, "/network/projections/3", "no spike ever comes from 'idle'"));
    }
}

TEST_CASE("projections and noise onto a source are refused, in training or not") {
    json e = small_experiment();
    populations(e).push_back({{"name", "source"}, {"size", 4}, {"neuron", "poisson"}});
    projections(e).push_back({{"source", "in"}, {"target", "source"}, {"learn", false}});
    CHECK(says(e, "/network/projections/3/target",
               "'source' is a source (neuron 'poisson') and takes no synapses"));
    e.erase("training");
    CHECK(says(e, "/network/projections/3/target", "takes no synapses"));
}

TEST_CASE("a window longer than a sample is refused, however long") {
    for (const std::int64_t window : {std::int64_t{21}, (std::int64_t{1} << 32) + 1}) {
        json e = small_experiment();
        e["training"]["window_ticks"] = window;
        CHECK(says(e, "/training/window_ticks", ""));
    }
}

TEST_CASE("a projection whose spikes never arrive in a sample cannot learn") {
    json e = small_experiment();
    projections(e)[1]["delay_ticks"] = 20;
    CHECK(says(e, "/network/projections/1", "as long as a sample of 20"));
    projections(e)[1]["learn"] = false;
    CHECK(problems_of(e).empty());
}

TEST_CASE("a projection without synapses cannot learn") {
    json e = small_experiment();
    projections(e)[0]["topology"] = "sparse";
    projections(e)[0]["synapses"] = json::array();
    projections(e)[0]["standardise"] = false;
    CHECK(says(e, "/network/projections/0", "its list of synapses is empty"));
}

TEST_CASE("a gain without standardised weights is refused, not ignored") {
    json e = small_experiment();
    projections(e)[0]["standardise"] = false;
    projections(e)[0]["gain"] = 3;
    CHECK(says(e, "/network/projections/0/gain", "it is used with \"standardise\": true"));
    projections(e)[0]["gain"] = 1;  // as if it were not given
    CHECK(problems_of(e).empty());
}

TEST_CASE("a population may not be taken for the reward of a training") {
    json e = small_experiment();
    populations(e)[1]["name"] = "reward";
    for (json& p : projections(e))
        for (const char* end : {"source", "target"})
            if (p[end] == "hidden") p[end] = "reward";
    projections(e)[0]["rule"] = {{"name", "r_stdp"}, {"modulator", "reward"}};
    CHECK(says(e, "/network/projections/0/rule/modulator", "is the reward of a training and also"));
}
