#include <doctest/doctest.h>

#include <cmath>

#include "base/random.hpp"
#include "kernels/standardise.hpp"

using namespace synfire;

namespace {

Matrix random_matrix(std::uint32_t rows, std::uint32_t columns, std::uint32_t stream) {
    Matrix m(rows, columns);
    Random random(7, Stream::weights, stream, 0);
    for (std::uint32_t r = 0; r < rows; ++r)
        for (float& value : m.values(r)) value = random.uniform(-1, 2);
    return m;
}

// sum of coefficient * standardised weight, in double precision.
double objective(const Matrix& w, const Matrix& gain, const Matrix& coefficient) {
    double sum = 0;
    for (std::uint32_t i = 0; i < w.columns; ++i) {
        double mean = 0, squares = 0;
        for (std::uint32_t j = 0; j < w.rows; ++j) mean += w.row(j)[i] / double(w.rows);
        for (std::uint32_t j = 0; j < w.rows; ++j) squares += std::pow(w.row(j)[i] - mean, 2);
        const double s = 1 / std::sqrt(squares / (w.rows - 1) * w.rows + 1e-4);
        for (std::uint32_t j = 0; j < w.rows; ++j)
            sum += coefficient.row(j)[i] * (w.row(j)[i] - mean) * s * gain.row(0)[i];
    }
    return sum;
}

}  // namespace

TEST_CASE("used columns have mean 0 and variance gain^2 / fan-in") {
    const Matrix w = random_matrix(50, 20, 0), gain = random_matrix(1, 20, 1);
    Matrix used(50, 20);
    standardise(w, gain, used, 0, 32);
    for (std::uint32_t i = 0; i < 20; ++i) {
        double mean = 0, squares = 0;
        for (std::uint32_t j = 0; j < 50; ++j) mean += used.row(j)[i] / 50.0;
        for (std::uint32_t j = 0; j < 50; ++j) squares += std::pow(used.row(j)[i] - mean, 2);
        CHECK(mean == doctest::Approx(0).scale(1).epsilon(1e-6));
        CHECK(squares / 49 * 50 == doctest::Approx(std::pow(gain.row(0)[i], 2)).epsilon(1e-4));
    }
}

TEST_CASE("the backward pass is the derivative of the forward pass") {
    Matrix w = random_matrix(9, 4, 0), gain = random_matrix(1, 4, 1);
    const Matrix coefficient = random_matrix(9, 4, 2);
    Matrix gradient = coefficient, gain_gradient(1, 4);
    standardise_backward(w, gain, gradient, gain_gradient, 0, 16);
    auto slope = [&](float& value) {
        const float before = value;
        value = before + 1e-2f;
        const double up = objective(w, gain, coefficient);
        const double high = value;
        value = before - 1e-2f;
        const double down = objective(w, gain, coefficient);
        const double low = value;
        value = before;
        return (up - down) / (high - low);
    };
    for (std::uint32_t i = 0; i < 4; ++i) {
        CHECK(gain_gradient.row(0)[i] == doctest::Approx(slope(gain.row(0)[i])).epsilon(1e-3));
        for (std::uint32_t j = 0; j < 9; ++j)
            CHECK(gradient.row(j)[i] == doctest::Approx(slope(w.row(j)[i])).epsilon(2e-3).scale(1));
    }
}
