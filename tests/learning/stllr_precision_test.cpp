// How far the rule's sums, which it forms from prefixes, are from the definition, synapse by
// synapse and tick by tick in double precision: for short and very long samples, any decay of the
// traces, and signals that are weak, strong, of one sign, of both, or fall from strong to weak.
#include <doctest/doctest.h>

#include <cmath>

#include "base/random.hpp"
#include "learning/site_rules.hpp"
#include "support/experiments.hpp"

using namespace synfire;
using namespace synfire::testing;
using json = nlohmann::json;

namespace {

constexpr std::uint32_t sources = 12, targets = 16;
constexpr double lambda_post = 0.6, alpha_pre = 1.3;

struct Course {
    const char* name;
    double scale = 1;         // of the signal
    bool both_signs = false;  // zero in the mean
    double fall = 1;          // what the signal is multiplied by after the first half of the sample
    double first_spike = 0;   // as a part of the sample: no source fires before
    double rate = 0.1;        // spikes a tick
};

constexpr Course courses[] = {
    {"steady"},
    {"weak", 1e-9},
    {"strong", 1e6},
    {"both signs", 1, true},
    {"many spikes", 1, true, 1, 0, 0.6},
    {"falls", 1, false, 1e-3},
    {"falls, late spikes", 1, false, 1e-3, 0.55},
};

// The largest difference of an entry of the weights' gradient, and of the bias's, over its largest.
struct Errors {
    double weights = 0, bias = 0;
};

double largest_error(const Matrix& found, const std::vector<double>& expected) {
    double largest = 0, error = 0;
    for (std::uint32_t j = 0; j < found.rows; ++j)
        for (std::uint32_t i = 0; i < found.columns; ++i) {
            const double wanted = expected[j * found.columns + i];
            largest = std::max(largest, std::fabs(wanted));
            error = std::max(error, std::fabs(double{found.row(j)[i]} - wanted));
        }
    return error / largest;
}

Errors errors(double lambda_pre, double alpha_post, std::uint32_t ticks, const Course& course) {
    json e = small_experiment();
    e["network"]["populations"][0]["size"] = sources;
    e["network"]["populations"][1]["size"] = targets;
    e["network"]["projections"][0]["standardise"] = false;
    e["training"]["rules"]["stllr"] = {{"lambda_post", lambda_post},
                                       {"lambda_pre", lambda_pre},
                                       {"alpha_post", alpha_post},
                                       {"alpha_pre", alpha_pre}};
    const Experiment experiment = synfire::testing::experiment(e);
    const Network network(experiment.network, 1, trained_populations(experiment.network));
    const RuleInstances instances(network);
    Gradients gradients(network, instances.sites());
    SiteRules rules(instances, gradients);
    rules.reset();

    const auto lambda = static_cast<double>(static_cast<float>(lambda_pre));
    const auto keep = static_cast<double>(static_cast<float>(lambda_post));
    const auto causal = static_cast<double>(static_cast<float>(alpha_pre));
    const auto other = static_cast<double>(static_cast<float>(alpha_post));
    std::vector<double> trace(sources), q(targets), weights(sources * targets), bias(targets);
    AlignedVector<float> psi(padded(targets)), signal(padded(targets));
    Random random(7, Stream::scene, ticks, 0);
    const std::uint32_t before_window = ticks / 10;
    for (std::uint32_t t = 0; t < ticks; ++t) {
        std::vector<std::uint32_t> arrivals;
        for (std::uint32_t j = 0; j < sources; ++j) {
            trace[j] *= lambda;
            if (random.uniform() >= course.rate || t < course.first_spike * ticks) continue;
            arrivals.push_back(j);
            trace[j] += 1;
        }
        const bool in_window = t >= before_window;
        const double size = course.scale * (t < ticks / 2 ? 1 : course.fall);
        for (std::uint32_t i = 0; i < targets; ++i) {
            psi[i] = std::max(0.0f, 0.3f * random.uniform(-1, 1));
            const double s = course.both_signs ? random.normal() : 0.5 + random.uniform();
            signal[i] = static_cast<float>(size * s);
        }
        for (std::uint32_t i = 0; i < targets; ++i) {
            if (in_window) {
                bias[i] += double{signal[i]} * psi[i];
                for (std::uint32_t j = 0; j < sources; ++j)
                    weights[j * targets + i] += causal * signal[i] * psi[i] * trace[j];
                for (const std::uint32_t j : arrivals)
                    weights[j * targets + i] += other * signal[i] * q[i];
            }
            q[i] = keep * q[i] + psi[i];
        }
        rules.on_tick(0, t, arrivals, psi.data(), in_window ? signal.data() : nullptr);
    }
    rules.end();
    gradients.flush();
    const ProjectionGradient& found = gradients.arrays()[0];
    return {largest_error(found.weights, weights), largest_error(found.bias, bias)};
}

}  // namespace

TEST_CASE("so do those of a very long one, whose traces do not decay") {
    for (const Course& course : {courses[0], courses[5], courses[6]}) {
        CAPTURE(course.name);
        const Errors e = errors(1.0, 0.0, 100000, course);
        CHECK(e.weights < 1e-4);
        CHECK(e.bias < 1e-4);
    }
}

TEST_CASE("gradients of long samples keep within 1e-4 of the largest entry") {
    for (const std::uint32_t ticks : {100u, 1000u, 10000u})
        for (const double lambda_pre : {0.0, 0.5, 0.8, 0.99, 1.0})
            for (const double alpha_post : {0.0, -0.7})
                for (const Course& course : courses) {
                    CAPTURE(ticks);
                    CAPTURE(lambda_pre);
                    CAPTURE(alpha_post);
                    CAPTURE(course.name);
                    const Errors e = errors(lambda_pre, alpha_post, ticks, course);
                    CHECK(e.weights < 1e-4);
                    CHECK(e.bias < 1e-4);
                }
}
