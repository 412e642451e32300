#include "kernels/rows.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "kernels/vectors.hpp"
#include "synfire/simd.hpp"

namespace synfire::kernels {
namespace {

using vectors::at;
using vectors::Floats;
using vectors::Vector;

// Vectors that stay in registers while rows stream past.
constexpr std::size_t block = 8;

// One block of N vectors of the sum.
template <std::size_t Bytes, std::size_t N>
SYNFIRE_INLINE void add_listed_block(float* sum, const float* rows, std::size_t stride,
                                     std::span<const std::uint32_t> list) {
    constexpr std::size_t lanes = Floats<Bytes>::lanes;
    Vector<Bytes> acc[N];
    for (std::size_t v = 0; v < N; ++v) acc[v] = at<Bytes>(sum + v * lanes);
    for (const std::uint32_t j : list) {
        const float* row = rows + j * stride;
        for (std::size_t v = 0; v < N; ++v) acc[v] += at<Bytes>(row + v * lanes);
    }
    for (std::size_t v = 0; v < N; ++v) at<Bytes>(sum + v * lanes) = acc[v];
}

// The same with parts that do not wait for each other.
template <std::size_t Bytes, std::size_t N>
SYNFIRE_INLINE void add_narrow_block(float* sum, const float* rows, std::size_t stride,
                                     std::span<const std::uint32_t> list) {
    constexpr std::size_t lanes = Floats<Bytes>::lanes, parts = 4;
    Vector<Bytes> acc[parts][N] = {};
    std::size_t k = 0;
    for (; k + parts <= list.size(); k += parts)
        for (std::size_t p = 0; p < parts; ++p)
            for (std::size_t v = 0; v < N; ++v)
                acc[p][v] += at<Bytes>(rows + list[k + p] * stride + v * lanes);
    for (; k < list.size(); ++k)
        for (std::size_t v = 0; v < N; ++v)
            acc[0][v] += at<Bytes>(rows + list[k] * stride + v * lanes);
    for (std::size_t v = 0; v < N; ++v)
        at<Bytes>(sum + v * lanes) += (acc[0][v] + acc[1][v]) + (acc[2][v] + acc[3][v]);
}

// N vectors of S sums from column c on: each vector of a row is loaded once for all of them.
template <std::size_t Bytes, std::size_t S, std::size_t N>
SYNFIRE_INLINE void add_scaled_block(const ScaledSum* sums, const float* rows, std::size_t stride,
                                     std::size_t c, std::span<const std::uint32_t> list) {
    constexpr std::size_t lanes = Floats<Bytes>::lanes;
    Vector<Bytes> acc[S][N];
    for (std::size_t s = 0; s < S; ++s)
        for (std::size_t k = 0; k < N; ++k)
            acc[s][k] = sums[s].anew ? Vector<Bytes>{} : at<Bytes>(sums[s].sum + c + k * lanes);
    for (const std::uint32_t i : list) {
        const float* row = rows + i * stride + c;
        Vector<Bytes> part[N];
        for (std::size_t k = 0; k < N; ++k) part[k] = at<Bytes>(row + k * lanes);
        for (std::size_t s = 0; s < S; ++s)
            for (std::size_t k = 0; k < N; ++k) acc[s][k] += sums[s].v[i] * part[k];
    }
    for (std::size_t s = 0; s < S; ++s)
        for (std::size_t k = 0; k < N; ++k) at<Bytes>(sums[s].sum + c + k * lanes) = acc[s][k];
}

template <std::size_t S>
void add_scaled(const ScaledSum* sums, const float* rows, std::size_t stride, std::size_t width,
                std::span<const std::uint32_t> list) {
    simd::run([&](auto bytes) SYNFIRE_INLINE_LAMBDA {
        // As many sums as leave room for the row in the registers: of 32 with AVX-512, of 16 else.
        constexpr bool many_registers = bytes == 64;
        constexpr std::size_t vectors = many_registers ? (S <= 2 ? block : block / 2)
                                                       : (S == 1   ? block
                                                          : S == 2 ? 4
                                                                   : 2);
        vectors::in_blocks<bytes, vectors>(width, [&](auto n, std::size_t c) SYNFIRE_INLINE_LAMBDA {
            add_scaled_block<bytes, S, n.value>(sums, rows, stride, c, list);
        });
    });
}

}  // namespace

void add_listed_rows(float* sum, const float* rows, std::size_t stride,
                     std::span<const std::uint32_t> list) {
    constexpr std::size_t narrow = 64;  // floats
    simd::run([&](auto bytes) SYNFIRE_INLINE_LAMBDA {
        if (stride <= narrow)
            vectors::in_blocks<bytes, 2>(stride, [&](auto n, std::size_t c) SYNFIRE_INLINE_LAMBDA {
                add_narrow_block<bytes, n.value>(sum + c, rows + c, stride, list);
            });
        else
            vectors::in_blocks<bytes, bytes == 64 ? 4 : block>(
                stride, [&](auto n, std::size_t c) SYNFIRE_INLINE_LAMBDA {
                    add_listed_block<bytes, n.value>(sum + c, rows + c, stride, list);
                });
    });
}

std::uint64_t add_scaled_rows(std::span<const ScaledSum> sums, const float* rows,
                              std::size_t stride, std::size_t width, std::uint32_t count) {
    thread_local std::vector<std::uint32_t> list;
    std::uint64_t products = 0;
    while (!sums.empty()) {
        const std::size_t some = std::min<std::size_t>(sums.size(), 4);
        list.clear();
        for (std::uint32_t i = 0; i < count; ++i) {
            std::uint32_t nonzero = 0;
            for (std::size_t s = 0; s < some; ++s) nonzero += sums[s].v[i] != 0.0f;
            products += nonzero;
            if (nonzero > 0) list.push_back(i);
        }
        switch (some) {
            case 1:
                add_scaled<1>(sums.data(), rows, stride, width, list);
                break;
            case 2:
                add_scaled<2>(sums.data(), rows, stride, width, list);
                break;
            case 3:
                add_scaled<3>(sums.data(), rows, stride, width, list);
                break;
            default:
                add_scaled<4>(sums.data(), rows, stride, width, list);
        }
        sums = sums.subspan(some);
    }
    return products;
}

void transpose(const Matrix& from, Matrix& to) {
    constexpr std::uint32_t tile = 16;
    for (std::uint32_t j = 0; j < from.rows; j += tile)
        for (std::uint32_t i = 0; i < from.columns; ++i)
            for (std::uint32_t k = j; k < std::min(from.rows, j + tile); ++k)
                to.row(i)[k] = from.row(k)[i];
}

void sum(float* __restrict to, const float* a, const float* b, std::size_t count) {
    simd::run([=]() SYNFIRE_INLINE_LAMBDA {
        for (std::size_t i = 0; i < count; ++i) to[i] = a[i] + b[i];
    });
}

void add(float* a, const float* b, std::size_t count) {
    simd::run([&]() SYNFIRE_INLINE_LAMBDA {
        for (std::size_t i = 0; i < count; ++i) a[i] += b[i];
    });
}

void add(double* a, const float* b, std::size_t count) {
    simd::run([&]() SYNFIRE_INLINE_LAMBDA {
        double* __restrict to = a;
        const float* __restrict from = b;
        const std::size_t length = count;
        for (std::size_t i = 0; i < length; ++i) to[i] += from[i];
    });
}

void add_within(Matrix& to, const Matrix& changes, std::uint32_t begin, std::uint32_t end,
                Within within) {
    simd::run([&]() SYNFIRE_INLINE_LAMBDA {
        const auto [low, high, keeps_sign] = within;
        const std::uint32_t count = end - begin;
        for (std::uint32_t r = 0; r < to.rows; ++r) {
            float* __restrict row = to.row(r) + begin;
            const float* __restrict change = changes.row(r) + begin;
            for (std::uint32_t c = 0; c < count; ++c) {
                const float before = row[c], w = before + change[c];
                const float least = w < low ? low : w;  // stays no number where it is none
                const float bounded = high < least ? high : least;
                const bool crosses = keeps_sign & (((before > 0.0f) & (bounded < 0.0f)) |
                                                   ((before < 0.0f) & (bounded > 0.0f)));
                const float kept = crosses ? 0.0f : bounded;
                row[c] = kept == 0.0f ? std::copysign(0.0f, before) : kept;
            }
        }
    });
}

}  // namespace synfire::kernels
