// Dropout: neurons silenced for a whole training sample, and never in a test.
#include <doctest/doctest.h>

#include <set>

#include "support/trial.hpp"

using namespace synfire;
using namespace synfire::testing;
using json = nlohmann::json;

namespace {

json with_dropout(const char* rule, double probability) {
    json e = small_experiment();
    e["network"]["populations"][1]["dropout"] = probability;
    e["network"]["populations"][1]["size"] = 200;
    e["training"]["rule"] = rule;
    return e;
}

// The hidden neurons that fire at some tick of a sample.
std::set<std::uint32_t> firing(Trial& trial, const SampleEvents& sample, std::uint32_t batch) {
    std::set<std::uint32_t> all;
    trial.learner.begin(sample, batch);
    for (std::uint32_t t = 0; t < sample.ticks(); ++t) {
        trial.learner.tick(t);
        for (const std::uint32_t i : trial.learner.engine().spikes(1)) all.insert(i);
    }
    trial.learner.end();
    trial.gradients.flush();
    return all;
}

}  // namespace

TEST_CASE("silenced neurons never fire in a training sample and teach nothing") {
    for (const char* rule : {"stllr", "bptt"}) {
        CAPTURE(rule);
        Trial trial(with_dropout(rule, 0.5)), whole(with_dropout(rule, 0));
        const EventSet set = random_recordings(2, 6, 20, 4);
        SampleEvents sample = sample_of(set, 0);
        sample.draw = {3, 0, 0};
        const auto some = firing(trial, sample, 1);
        const auto all = firing(whole, sample, 1);
        CHECK(some.size() > all.size() / 4);
        CHECK(some.size() < all.size() * 3 / 4);
        const AlignedVector<float>& keep = trial.learner.engine().keep(1);
        REQUIRE(keep.size() == 200);
        const Matrix& gradient = trial.gradients.arrays()[0].weights;
        double kept_sum = 0;
        for (std::uint32_t i = 0; i < 200; ++i)
            for (std::uint32_t j = 0; j < gradient.rows; ++j) {
                if (keep[i] == 0) CHECK(gradient.row(j)[i] == 0.0f);
                kept_sum += std::abs(gradient.row(j)[i]);
            }
        CHECK(kept_sum > 0);
        for (const std::uint32_t i : some) CHECK(keep[i] == 1.0f);

        // Another recording silences others; the same one, the same; a test, none.
        sample.draw.recording = 1;
        CHECK(firing(trial, sample, 1) != some);
        sample.draw.recording = 0;
        CHECK(firing(trial, sample, 1) == some);
        CHECK(firing(trial, sample, 0) == all);
    }
}
