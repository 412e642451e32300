// The rule as the engine runs it against sums written out synapse by synapse and tick by tick, from
// the equations; and what its memory may depend on.
#include <doctest/doctest.h>

#include <cmath>

#include "support/trial.hpp"

using namespace synfire;
using namespace synfire::testing;
using json = nlohmann::json;

namespace {

json with_rule(json e, json parameters) {
    e["training"]["rules"]["stllr"] = parameters;
    e["training"].erase("augmentation");
    return e;
}

}  // namespace

TEST_CASE(
    "gradients are the sum over ticks of signal times eligibility, for any decay of the traces") {
    for (const double lambda_pre : {0.0, 0.01, 0.5, 0.8, 1.0})
        for (const double alpha_post : {0.0, -0.7}) {
            CAPTURE(lambda_pre);
            // The longer has more rows than wait at once.
            const std::uint32_t ticks = alpha_post == 0 ? 600 : 20;
            json e = with_rule(small_experiment(), {{"lambda_post", 0.6},
                                                    {"lambda_pre", lambda_pre},
                                                    {"alpha_post", alpha_post},
                                                    {"alpha_pre", 1.3}});
            e["input"]["ticks"] = ticks;
            const std::uint32_t before_window = alpha_post == 0 ? 40 : 5;
            e["training"]["window_ticks"] = ticks - before_window;
            Trial trial(e);
            const EventSet set = random_recordings(1, 6, ticks, 4);
            const SampleEvents sample = sample_of(set, 0);
            trial.learner.begin(sample, 1);

            // Dense traces and eligibilities of in -> hidden, from the equations.
            std::vector<double> trace(6), q(8), expected(6 * 8);
            for (std::uint32_t t = 0; t < ticks; ++t) {
                trial.learner.tick(t);
                const Engine& engine = trial.learner.engine();
                std::vector<double> x(6);
                for (const std::uint32_t j : sample.at(t)) x[j] = 1;
                for (int j = 0; j < 6; ++j) trace[j] = lambda_pre * trace[j] + x[j];
                const bool in_window = t >= before_window;
                const float* psi = engine.psi(1);
                const float* output = engine.output(2);
                double p[3], sum = 0;  // softmax
                for (int k = 0; k < 3; ++k) sum += p[k] = std::exp(double{output[k]});
                for (double& value : p) value /= sum;
                for (int i = 0; i < 8; ++i) {
                    // The signal: readout weights times p - onehot of this tick.
                    double signal = 0;
                    const Projection& out = trial.network.projections()[2];
                    for (int k = 0; in_window && k < 3; ++k)
                        signal += static_cast<double>(out.weights.row(i)[k]) *
                                  (p[k] - (static_cast<int>(sample.label) == k));
                    for (int j = 0; j < 6; ++j)
                        expected[j * 8 + i] +=
                            signal * (1.3 * psi[i] * trace[j] + alpha_post * x[j] * q[i]);
                    q[i] = 0.6 * q[i] + psi[i];
                }
            }
            trial.learner.end();
            trial.gradients.flush();
            double largest = 0;
            for (const double value : expected) largest = std::max(largest, std::fabs(value));
            CHECK(largest > 0);
            for (int j = 0; j < 6; ++j)
                for (int i = 0; i < 8; ++i)
                    CHECK(std::fabs(trial.gradients.arrays()[0].weights.row(j)[i] -
                                    expected[j * 8 + i]) < 1e-5 * largest);
        }
}

TEST_CASE("silence teaches hidden synapses nothing") {
    Trial trial(with_rule(small_experiment(), json::object()));
    EventSet set;
    set.units = 6;
    set.ticks = 20;
    std::vector<std::uint32_t> nothing;
    set.add(nothing, 0);
    trial.learner.present(sample_of(set, 0), 1);
    trial.gradients.flush();
    for (const float value : trial.gradients.arrays()[0].weights.data) CHECK(value == 0);
}

TEST_CASE("presenting without learning leaves gradients alone and predicts the same") {
    const EventSet set = random_recordings(3, 6, 20, 9);
    Trial a(with_rule(small_experiment(), json::object()));
    Trial b(with_rule(small_experiment(), json::object()));
    for (std::size_t i = 0; i < 3; ++i) {
        const SampleEvents sample = sample_of(set, i);
        CHECK(a.learner.present(sample, 0).prediction == b.learner.present(sample, 3).prediction);
    }
    for (const float value : a.gradients.arrays()[0].weights.data) CHECK(value == 0);
    CHECK(a.learner.counters().macs_learning == 0);
    CHECK(b.learner.counters().macs_learning > 0);
}

TEST_CASE("learning state does not grow with the length of a sample") {
    auto bytes = [](int ticks) {
        json e = with_rule(small_experiment(), json::object());
        e["input"]["ticks"] = ticks;
        e["training"]["window_ticks"] = ticks;
        return Trial(e).learner.learning_state_bytes();
    };
    CHECK(bytes(100) == bytes(1000));
    CHECK(bytes(100) > 0);
}

TEST_CASE("direct feedback replaces the signal and its sign form bounds it") {
    for (const char* feedback : {"dfa", "sdfa"}) {
        json e = with_rule(small_experiment(), json::object());
        e["training"]["feedback"] = feedback;
        Trial trial(e);
        REQUIRE(trial.feedback.of[1].rows == 3);
        CHECK(trial.feedback.of[2].rows == 0);
        trial.learner.present(sample_of(random_recordings(1, 6, 20, 4), 0), 1);
        trial.gradients.flush();
        double sum = 0;
        for (const float value : trial.gradients.arrays()[0].weights.data) sum += std::fabs(value);
        CHECK(sum > 0);
    }
}
