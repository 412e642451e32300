// Every neuron, by every rule, over every topology: it trains, or a sentence says why not.
#include "learning/combinations.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <sstream>

#include "base/finite.hpp"
#include "formats.hpp"
#include "learning/trainer.hpp"
#include "support/environment.hpp"
#include "support/experiments.hpp"

using namespace synfire;
using namespace synfire::testing;

namespace {

std::uint64_t trained_fingerprint(const Experiment& e, unsigned threads) {
    Network network(e.network, 1, trained_populations(e.network));
    Trainer trainer(network, *e.training, *e.input, 1, threads);
    const EventSet set = random_recordings(5, 36, 6, 1);
    const std::vector<std::uint32_t> order = {0, 1, 2, 3, 4};
    for (std::uint32_t step = 0; step < 2; ++step) trainer.train_batch(set, order, 0, step, 2);
    for (const Projection& p : network.projections()) CHECK(all_finite(p.weights.data));
    return network.fingerprint();
}

}  // namespace

TEST_CASE("every combination trains with the same bits for any threads, or says why not") {
    std::size_t works = 0;
    for (const Combination& c : combinations(plugins(), input_formats())) {
        CAPTURE(c.neuron);
        CAPTURE(c.rule);
        CAPTURE(c.topology);
        if (!c.reason.empty()) {
            CHECK(c.reason.size() > 20);
            CHECK(c.reason.ends_with("."));
            continue;
        }
        ++works;
        const Experiment e = experiment(c.experiment);
        const std::uint64_t one = trained_fingerprint(e, 1);
        CHECK(trained_fingerprint(e, 2) == one);
        CHECK(trained_fingerprint(e, 4) == one);
    }
    CHECK(works >= 20);
}

TEST_CASE("docs/rules.md has the table of combinations") {
    std::ifstream file(SYNFIRE_SOURCE_DIR "/docs/rules.md");
    std::stringstream text;
    text << file.rdbuf();
    const std::string table = to_markdown(combinations(plugins(), input_formats()));
    CHECK(text.str().find(table) != std::string::npos);
}
