#include <doctest/doctest.h>

#include <cmath>

#include "learning/optimiser.hpp"

using namespace synfire;

namespace {

Matrix filled(float value) {
    Matrix m(1, 3);
    for (float& x : m.values(0)) x = value;
    return m;
}

}  // namespace

TEST_CASE("Adam's first step has the length of the rate, against the gradient's sign") {
    OptimiserDescription o;
    o.rate = 0.01f;
    Matrix value = filled(1), gradient = filled(-0.3f);
    Moments moments{filled(0), filled(0)};
    descend(o, o.rate, 1, value, gradient, moments, 0, value.data.size());
    CHECK(value.row(0)[0] == doctest::Approx(1.01).epsilon(1e-6));
    CHECK(value.row(0)[3] == 0.0f);
}

TEST_CASE("Adam follows its published recursion") {
    OptimiserDescription o;
    o.rate = 0.05f;
    Matrix value = filled(0.5f);
    Moments moments{filled(0), filled(0)};
    double w = 0.5, m = 0, v = 0;
    for (int step = 1; step <= 20; ++step) {
        const double g = std::sin(step) * w;
        Matrix gradient = filled(static_cast<float>(std::sin(step) * value.row(0)[1]));
        descend(o, o.rate, static_cast<std::uint64_t>(step), value, gradient, moments, 0, 16);
        m = 0.9 * m + 0.1 * g;
        v = 0.999 * v + 0.001 * g * g;
        w -= 0.05 * (m / (1 - std::pow(0.9, step))) /
             (std::sqrt(v / (1 - std::pow(0.999, step))) + 1e-8);
        CHECK(value.row(0)[1] == doctest::Approx(w).epsilon(1e-4));
    }
}

TEST_CASE("SGD with momentum and weight decay") {
    OptimiserDescription o;
    o.kind = OptimiserDescription::Kind::sgd;
    o.rate = 0.1f;
    o.momentum = 0.5f;
    o.weight_decay = 0.01f;
    Matrix value = filled(2), gradient = filled(1);
    Moments moments{filled(0), filled(0)};
    descend(o, o.rate, 1, value, gradient, moments, 0, 16);
    const double first = 2 - 0.1 * 1.02;
    CHECK(value.row(0)[0] == doctest::Approx(first));
    descend(o, o.rate, 2, value, gradient, moments, 0, 16);
    CHECK(value.row(0)[0] == doctest::Approx(first - 0.1 * (0.5 * 1.02 + 1 + 0.01 * first)));
}

TEST_CASE("a cosine rate begins at the rate and ends at 0") {
    OptimiserDescription o;
    o.rate = 2;
    CHECK(o.rate_at(70, 100) == 2);
    o.schedule = OptimiserDescription::Schedule::cosine;
    CHECK(o.rate_at(0, 100) == 2);
    CHECK(o.rate_at(50, 100) == doctest::Approx(1));
    CHECK(o.rate_at(100, 100) == doctest::Approx(0).scale(1));
}
