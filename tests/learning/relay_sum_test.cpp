// Relays that add, against the same network without them: projections of their own with equal
// weights from all that they hand on.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include "support/trial.hpp"

using namespace synfire;
using namespace synfire::testing;
using json = nlohmann::json;

namespace {

json lif(const char* name, std::uint32_t channels, std::uint32_t side) {
    return {{"name", name},
            {"shape", {channels, side, side}},
            {"neuron", "lif"},
            {"parameters", {{"leak", 1}, {"psi", "triangular_0.3"}}}};
}
json relay(const char* name) {
    return {{"name", name}, {"shape", {3, 2, 2}}, {"neuron", "relay"}};
}
json convolution(const char* source, const char* target, std::uint32_t stride = 1) {
    return {{"source", source}, {"target", target}, {"topology", "conv2d"},
            {"kernel", 3},      {"padding", 1},     {"stride", stride}};
}
json hand_on(const char* source, const char* target) {
    return {{"source", source}, {"target", target}, {"topology", "identity"}};
}
json average(const char* source, const char* target) {
    return {{"source", source}, {"target", target}, {"topology", "avg_pool"}, {"size", 2}};
}

// in - a (4 x 4) and b (2 x 2); d of the mean of a and b; the readout of d, b and the mean of a.
json network_without_relays(const std::string& rule) {
    json e = small_experiment();
    e["network"]["populations"] = {{{"name", "in"}, {"shape", {2, 4, 4}}, {"neuron", "input"}},
                                   lif("a", 3, 4),
                                   lif("b", 3, 2),
                                   relay("mean"),
                                   lif("d", 3, 2),
                                   {{"name", "out"}, {"size", 3}, {"neuron", "leaky_readout"}}};
    e["network"]["projections"] = {convolution("in", "a"),
                                   convolution("in", "b", 2),
                                   average("a", "mean"),
                                   convolution("mean", "d"),
                                   convolution("b", "d"),
                                   {{"source", "d"}, {"target", "out"}},
                                   {{"source", "b"}, {"target", "out"}},
                                   {{"source", "mean"}, {"target", "out"}}};
    e["training"]["rule"] = rule;
    e["training"].erase("augmentation");
    return e;
}

json network_with_relays(const std::string& rule) {
    json e = network_without_relays(rule);
    json& populations = e["network"]["populations"];
    populations.insert(populations.begin() + 4, relay("sum"));
    populations.push_back(relay("last"));
    e["network"]["projections"] = {
        convolution("in", "a"),  convolution("in", "b", 2),
        hand_on("b", "sum"),     average("a", "sum"),
        convolution("sum", "d"), hand_on("sum", "last"),
        hand_on("d", "last"),    {{"source", "last"}, {"target", "out"}}};
    populations.erase(populations.begin() + 3);
    return e;
}

Projection& find(Network& network, const std::string& name) {
    return *std::ranges::find(network.projections(), name, &Projection::name);
}
const Matrix& gradient(Trial& trial, const std::string& name) {
    const auto index = &find(trial.network, name) - trial.network.projections().data();
    return trial.gradients.arrays()[static_cast<std::size_t>(index)].weights;
}

}  // namespace

TEST_CASE("a relay that adds is as many projections of equal weights, forward and in every rule") {
    for (const std::string rule : {"stllr", "bptt", "eprop"}) {
        CAPTURE(rule);
        Trial with(network_with_relays(rule)), without(network_without_relays(rule));
        const std::pair<const char*, std::vector<const char*>> same[] = {
            {"in->a", {"in->a"}},
            {"in->b", {"in->b"}},
            {"sum->d", {"mean->d", "b->d"}},
            {"last->out", {"d->out", "b->out", "mean->out"}}};
        for (const auto& [one, others] : same)
            for (const char* other : others)
                find(without.network, other).weights = find(with.network, one).weights;
        without.network.refresh();

        std::uint64_t spikes = 0;
        const EventSet recordings = random_recordings(3, 32, 20, 5);
        for (std::size_t i = 0; i < 3; ++i) {
            const SampleEvents sample = sample_of(recordings, i);
            const SampleOutcome expected = without.learner.present(sample, 1),
                                outcome = with.learner.present(sample, 1);
            CHECK(*outcome.loss == doctest::Approx(*expected.loss).epsilon(1e-5));
        }
        spikes = with.learner.counters().spikes;
        CHECK(spikes == without.learner.counters().spikes);
        CHECK(spikes > 100);
        with.gradients.flush();
        without.gradients.flush();
        for (const auto& [one, others] : same) {
            const std::string name = one;
            CAPTURE(name);
            const Matrix& g = gradient(with, one);
            double largest = 0;
            for (std::uint32_t r = 0; r < g.rows; ++r)
                for (std::uint32_t c = 0; c < g.columns; ++c) {
                    double sum = 0;
                    for (const char* other : others)
                        sum += double{gradient(without, other).row(r)[c]} *
                               find(without.network, other).amplitude() /
                               find(with.network, one).amplitude();
                    CHECK(g.row(r)[c] == doctest::Approx(sum).epsilon(1e-3).scale(1e-2));
                    largest = std::max(largest, std::abs(sum));
                }
            CHECK(largest > 1e-3);
        }
    }
}

TEST_CASE("relays that cannot add what they are given are refused with the reason") {
    json e = network_with_relays("stllr");
    e["training"]["feedback"] = "dfa";
    CHECK(problems_of(e).find("'sum' adds what several populations fire") != std::string::npos);
    e = network_with_relays("stllr");
    e["network"]["populations"][2]["dropout"] = 0.5;
    e["network"]["populations"][2]["dropout_scale"] = true;
    CHECK(problems_of(e).find("\"dropout_scale\" makes count differently") != std::string::npos);
    e = network_with_relays("stllr");
    e["network"]["projections"][2]["topology"] = "max_pool";
    e["network"]["projections"][2]["size"] = 1;
    CHECK(problems_of(e).find("'sum' is fed by one pooling already; a relay has one, or several of "
                              "\"identity\" and \"avg_pool\"") != std::string::npos);
    e = network_with_relays("stllr");
    e["network"]["projections"][5] = average("sum", "last");
    CHECK(problems_of(e).find("its \"shape\" should be [3, 1, 1]") != std::string::npos);
    e = network_with_relays("stllr");
    std::string before = "sum";
    for (int k = 0; k < 40; ++k) {  // each adds the one before to itself
        const std::string name = fmt::format("twice{}", k);
        e["network"]["populations"].push_back(relay(name.c_str()));
        for (const char* way : {"a", "b"}) {
            json one = hand_on(before.c_str(), name.c_str());
            one["name"] = name + way;
            e["network"]["projections"].push_back(one);
        }
        before = name;
    }
    CHECK(problems_of(e).find("'twice9' adds what comes on 2048 ways; at most 1024 are allowed") !=
          std::string::npos);
    e = network_with_relays("stllr");
    e["network"]["projections"].push_back(hand_on("last", "sum"));
    CHECK(problems_of(e).find("has no delay") != std::string::npos);
}
