#include "network/standardise.hpp"

#include <cmath>

#include "network/vectors.hpp"

namespace synfire {
namespace {

using vectors::at;
using vectors::Vector;

constexpr float epsilon = 1e-4f;
constexpr std::uint32_t block = vectors::lanes;  // columns at a time: one vector

// Mean, and 1 / sqrt(var * fan_in + epsilon), of 16 neighbouring columns.
struct Moments {
    Vector mean, scale;
};

SYNFIRE_INLINE Moments moments(const Matrix& w, std::uint32_t column) {
    const auto n = static_cast<float>(w.rows);
    Vector sum{}, squares{};
    for (std::uint32_t j = 0; j < w.rows; ++j) sum += at(w.row(j) + column);
    Moments m{sum / n, {}};
    for (std::uint32_t j = 0; j < w.rows; ++j) {
        const Vector d = at(w.row(j) + column) - m.mean;
        squares += d * d;
    }
    const Vector variance = squares / (n - 1.0f);
    for (std::uint32_t i = 0; i < block; ++i)
        m.scale[i] = 1.0f / std::sqrt(variance[i] * n + epsilon);
    return m;
}

}  // namespace

void standardise(const Matrix& w, const Matrix& gain, Matrix& used, std::uint32_t begin,
                 std::uint32_t end) {
    simd::run([&]() SYNFIRE_INLINE_LAMBDA {
        for (std::uint32_t c = begin; c < end; c += block) {
            const Moments m = moments(w, c);
            const Vector g = at(gain.row(0) + c);
            for (std::uint32_t j = 0; j < w.rows; ++j)
                at(used.row(j) + c) = (at(w.row(j) + c) - m.mean) * m.scale * g;
        }
    });
}

// With a_j the gradient at used_j times gain, d_j = w_j - mean, s the scale and n the fan-in:
//   dw_j = s (a_j - mean(a)) - d_j * n / (n - 1) * s^3 * sum_k a_k d_k
void standardise_backward(const Matrix& w, const Matrix& gain, Matrix& gradient,
                          Matrix& gain_gradient, std::uint32_t begin, std::uint32_t end) {
    simd::run([&]() SYNFIRE_INLINE_LAMBDA {
        const auto n = static_cast<float>(w.rows);
        for (std::uint32_t c = begin; c < end; c += block) {
            const Moments m = moments(w, c);
            const Vector g = at(gain.row(0) + c), s = m.scale;
            Vector sum{}, along{};
            for (std::uint32_t j = 0; j < w.rows; ++j) {
                const Vector a = at(gradient.row(j) + c);
                sum += a;
                along += a * (at(w.row(j) + c) - m.mean);
            }
            at(gain_gradient.row(0) + c) += along * s;
            for (std::uint32_t j = 0; j < w.rows; ++j) {
                const Vector d = at(w.row(j) + c) - m.mean;
                Vector& a = at(gradient.row(j) + c);
                a = g * (s * (a - sum / n) - d * (n / (n - 1.0f)) * s * s * s * along);
            }
        }
    });
}

}  // namespace synfire
