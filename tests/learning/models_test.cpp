// Rules are interchangeable: every shipped experiment that is trained learns with each of them,
// with no other change to its file. Samples are short and made, so no data are needed.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "support/trial.hpp"

using namespace synfire;
using namespace synfire::testing;
using json = nlohmann::json;
using namespace std::string_literals;
namespace fs = std::filesystem;

namespace {

double largest_change(const Matrix& before, const Matrix& after) {
    double largest = 0;
    bool finite = true;
    for (std::size_t k = 0; k < before.data.size(); ++k) {
        const double change = std::fabs(after.data[k] - before.data[k]);
        finite = finite && std::isfinite(change);
        largest = std::max(largest, change);
    }
    CHECK(finite);
    return largest;
}

// The largest change that one batch made to any weight or bias of each projection. Deep layers may
// be silent at first: then only their biases learn.
std::vector<double> changes_of_a_batch(const Experiment& e, const EventSet& set) {
    Network network(e.network, e.seed, trained_populations(e.network));
    std::vector<Matrix> weights, biases;
    for (const Projection& p : network.projections()) {
        weights.push_back(p.weights);
        biases.push_back(p.bias);
    }
    Trainer trainer(network, *e.training, *e.input, e.seed, 2);
    const std::vector<std::uint32_t> order = {0, 1};
    trainer.train_batch(set, order, 0, 0, 1);
    std::vector<double> changes;
    for (std::size_t p = 0; p < weights.size(); ++p)
        changes.push_back(std::max(largest_change(weights[p], network.projections()[p].weights),
                                   largest_change(biases[p], network.projections()[p].bias)));
    return changes;
}

// Of an experiment whose recordings are made with what they are compared with.
EventSet recordings_with_targets(const Experiment& e, std::uint64_t count) {
    REQUIRE(::setenv("XDG_CACHE_HOME", scratch_folder().c_str(), 1) == 0);
    InputRequest request = e.input_request("");
    request.limit = count;
    return e.format->load(request).train;
}

}  // namespace

TEST_CASE("every trained model learns with every rule, by changing one word") {
    int trained = 0;
    for (const auto& entry : fs::directory_iterator(SYNFIRE_SOURCE_DIR "/models")) {
        std::ifstream stream(entry.path());
        json e = json::parse(stream);
        if (!e.contains("training")) continue;
        ++trained;
        const std::string name = entry.path().stem().string();
        CAPTURE(name);
        CHECK(e.at("name") == name);
        e["input"]["ticks"] = 4;
        if (e["training"].contains("window_ticks")) e["training"]["window_ticks"] = 2;
        const std::string own = e.at("training").at("rule");
        // Sanitizers take minutes for the deepest networks.
        const bool is_deep = name.find("vgg") != name.npos || name.find("fsfn") != name.npos;
        const std::string deep = is_deep ? text_variable("SYNFIRE_DEEP_MODELS") : "";
        if (deep == "none") continue;
        std::vector<std::string> rules = {own};
        if (deep != "once")
            for (const char* rule : {"stllr", "bptt", "eprop", "stdp"})
                if (rule != own) rules.emplace_back(rule);
        for (const std::string& rule : rules) {
            CAPTURE(rule);
            e["training"]["rule"] = rule;
            const Experiment experiment = synfire::testing::experiment(e);
            const std::uint32_t units = experiment.network.populations[*experiment.input].size;
            const EventSet set = experiment.format->targets.classes
                                     ? random_recordings(2, units, 4, 1)
                                     : recordings_with_targets(experiment, 2);
            const std::vector<double> changes = changes_of_a_batch(experiment, set);
            if (rule_kinds(experiment.network).weights) {  // deep layers may be silent
                CHECK(*std::ranges::max_element(changes) > 0);
                continue;
            }
            for (std::size_t p = 0; p < changes.size(); ++p) {
                CAPTURE(experiment.network.projections[p].name);
                if (experiment.network.projections[p].learn) CHECK(changes[p] > 0);
            }
        }
    }
    CHECK(trained >= 10);
}
