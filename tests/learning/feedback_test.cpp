// Learning signals against sums written out, where several projections carry one back.
#include "learning/feedback.hpp"

#include <doctest/doctest.h>

#include "support/trial.hpp"

using namespace synfire;
using namespace synfire::testing;
using json = nlohmann::json;

TEST_CASE("a signal is the sum of what all projections carry back, and of its own ticks alone") {
    json e = small_experiment();
    e["network"]["populations"].push_back(
        {{"name", "second"}, {"size", 5}, {"neuron", "lif"}, {"parameters", {{"leak", 2}}}});
    json& projections = e["network"]["projections"];
    projections.push_back({{"source", "hidden"}, {"target", "second"}});
    projections.push_back({{"source", "second"}, {"target", "out"}});
    constexpr std::uint32_t hidden = 1, out = 2, second = 3;
    Trial trial(e);
    const SampleEvents sample = sample_of(random_recordings(1, 6, 20, 4), 0);
    const Engine& engine = trial.learner.engine();
    Feedback feedback(trial.network, *trial.experiment.training, trial.feedback, 1);
    const auto weights = [&](std::size_t projection) -> const Matrix& {
        return trial.network.projections()[projection].used();
    };

    trial.learner.begin(sample, 1);
    double largest = 0;
    for (std::uint32_t t = 0; t < sample.ticks(); ++t) {
        trial.learner.tick(t);
        const float error[] = {0.1f * static_cast<float>(t), -0.7f, 0.6f};
        const Feedback::Tick tick{t, error};
        constexpr float batch = 4;
        Counters counters;
        feedback.project(engine, {&tick, 1}, batch, counters);

        std::vector<double> of_second(5), of_hidden(8);
        for (std::uint32_t j = 0; j < 5; ++j)
            for (std::uint32_t k = 0; k < 3; ++k)
                of_second[j] += double{weights(4).row(j)[k]} * error[k] / batch;
        for (std::uint32_t j = 0; j < 8; ++j) {
            for (std::uint32_t k = 0; k < 3; ++k)
                of_hidden[j] += double{weights(2).row(j)[k]} * error[k] / batch;
            for (std::uint32_t i = 0; i < 5; ++i)
                of_hidden[j] +=
                    double{weights(3).row(j)[i]} * engine.psi(second, t)[i] * of_second[i];
        }
        for (std::uint32_t k = 0; k < 3; ++k)
            CHECK(feedback.signal(out, 0)[k] == doctest::Approx(error[k] / batch));
        for (std::uint32_t j = 0; j < 5; ++j)
            CHECK(feedback.signal(second, 0)[j] == doctest::Approx(of_second[j]).epsilon(1e-4));
        for (std::uint32_t j = 0; j < 8; ++j) {
            CHECK(feedback.signal(hidden, 0)[j] == doctest::Approx(of_hidden[j]).epsilon(1e-4));
            largest = std::max(largest, std::abs(of_hidden[j]));
        }
    }
    CHECK(largest > 0.01);
}
