#include "kernels/standardise.hpp"

#include <cmath>

#include "kernels/vectors.hpp"

namespace synfire {
namespace {

using vectors::at;
using vectors::Vector;

constexpr float epsilon = 1e-4f;
// Mean, and 1 / sqrt(var * fan_in + epsilon), of as many neighbouring columns as a vector has
// lanes.
template <std::size_t Bytes>
struct Moments {
    Vector<Bytes> mean, scale;
};

template <std::size_t Bytes>
SYNFIRE_INLINE Moments<Bytes> moments(const Matrix& w, std::uint32_t column) {
    const auto n = static_cast<float>(w.rows);
    Vector<Bytes> sum{}, squares{};
    for (std::uint32_t j = 0; j < w.rows; ++j) sum += at<Bytes>(w.row(j) + column);
    Moments<Bytes> m{sum / n, {}};
    for (std::uint32_t j = 0; j < w.rows; ++j) {
        const Vector<Bytes> d = at<Bytes>(w.row(j) + column) - m.mean;
        squares += d * d;
    }
    const Vector<Bytes> variance = squares / (n - 1.0f);
    for (std::size_t i = 0; i < vectors::Floats<Bytes>::lanes; ++i)
        m.scale[i] = 1.0f / std::sqrt(variance[i] * n + epsilon);
    return m;
}

}  // namespace

void standardise(const Matrix& w, const Matrix& gain, Matrix& used, std::uint32_t begin,
                 std::uint32_t end) {
    simd::run([&](auto bytes) SYNFIRE_INLINE_LAMBDA {
        using V = Vector<bytes>;
        constexpr std::uint32_t block = vectors::Floats<bytes>::lanes;
        for (std::uint32_t c = begin; c < end; c += block) {
            const Moments<bytes> m = moments<bytes>(w, c);
            const V g = at<bytes>(gain.row(0) + c);
            for (std::uint32_t j = 0; j < w.rows; ++j)
                at<bytes>(used.row(j) + c) = (at<bytes>(w.row(j) + c) - m.mean) * m.scale * g;
        }
    });
}

// With a_j the gradient at used_j times gain, d_j = w_j - mean, s the scale and n the fan-in:
//   dw_j = s (a_j - mean(a)) - d_j * n / (n - 1) * s^3 * sum_k a_k d_k
void standardise_backward(const Matrix& w, const Matrix& gain, Matrix& gradient,
                          Matrix& gain_gradient, std::uint32_t begin, std::uint32_t end) {
    simd::run([&](auto bytes) SYNFIRE_INLINE_LAMBDA {
        using V = Vector<bytes>;
        constexpr std::uint32_t block = vectors::Floats<bytes>::lanes;
        const auto n = static_cast<float>(w.rows);
        for (std::uint32_t c = begin; c < end; c += block) {
            const Moments<bytes> m = moments<bytes>(w, c);
            const V g = at<bytes>(gain.row(0) + c), s = m.scale;
            V sum{}, along{};
            for (std::uint32_t j = 0; j < w.rows; ++j) {
                const V a = at<bytes>(gradient.row(j) + c);
                sum += a;
                along += a * (at<bytes>(w.row(j) + c) - m.mean);
            }
            at<bytes>(gain_gradient.row(0) + c) = along * s;
            for (std::uint32_t j = 0; j < w.rows; ++j) {
                const V d = at<bytes>(w.row(j) + c) - m.mean;
                V& a = at<bytes>(gradient.row(j) + c);
                a = g * (s * (a - sum / n) - d * (n / (n - 1.0f)) * s * s * s * along);
            }
        }
    });
}

}  // namespace synfire
