#include "network/standardise.hpp"

#include <cmath>

#include "synfire/simd.hpp"

namespace synfire {
namespace {

constexpr float epsilon = 1e-4f;
constexpr std::uint32_t block = 16;  // columns at a time: one vector

// Mean, and 1 / sqrt(var * fan_in + epsilon), of 16 neighbouring columns.
struct Moments {
    float mean[block], scale[block];
};

SYNFIRE_INLINE Moments moments(const Matrix& w, std::uint32_t column) {
    Moments m;
    float sum[block] = {}, squares[block] = {};
    for (std::uint32_t j = 0; j < w.rows; ++j)
        for (std::uint32_t i = 0; i < block; ++i) sum[i] += w.row(j)[column + i];
    for (std::uint32_t i = 0; i < block; ++i) m.mean[i] = sum[i] / static_cast<float>(w.rows);
    for (std::uint32_t j = 0; j < w.rows; ++j)
        for (std::uint32_t i = 0; i < block; ++i) {
            const float d = w.row(j)[column + i] - m.mean[i];
            squares[i] += d * d;
        }
    for (std::uint32_t i = 0; i < block; ++i) {
        const float variance = squares[i] / static_cast<float>(w.rows - 1);
        m.scale[i] = 1.0f / std::sqrt(variance * static_cast<float>(w.rows) + epsilon);
    }
    return m;
}

}  // namespace

void standardise(const Matrix& w, const Matrix& gain, Matrix& used, std::uint32_t begin,
                 std::uint32_t end) {
    simd::run([&]() SYNFIRE_INLINE_LAMBDA {
        for (std::uint32_t c = begin; c < end; c += block) {
            const Moments m = moments(w, c);
            const float* g = gain.row(0) + c;
            for (std::uint32_t j = 0; j < w.rows; ++j)
                for (std::uint32_t i = 0; i < block; ++i)
                    used.row(j)[c + i] = (w.row(j)[c + i] - m.mean[i]) * m.scale[i] * g[i];
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
            const float* g = gain.row(0) + c;
            float sum[block] = {}, along[block] = {};
            for (std::uint32_t j = 0; j < w.rows; ++j)
                for (std::uint32_t i = 0; i < block; ++i) {
                    const float a = gradient.row(j)[c + i];
                    sum[i] += a;
                    along[i] += a * (w.row(j)[c + i] - m.mean[i]);
                }
            for (std::uint32_t i = 0; i < block; ++i)
                gain_gradient.row(0)[c + i] += along[i] * m.scale[i];
            for (std::uint32_t j = 0; j < w.rows; ++j)
                for (std::uint32_t i = 0; i < block; ++i) {
                    const float s = m.scale[i];
                    const float d = w.row(j)[c + i] - m.mean[i];
                    gradient.row(j)[c + i] = g[i] * (s * (gradient.row(j)[c + i] - sum[i] / n) -
                                                     d * (n / (n - 1.0f)) * s * s * s * along[i]);
                }
        }
    });
}

}  // namespace synfire
