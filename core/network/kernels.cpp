#include "network/kernels.hpp"

#include <algorithm>
#include <vector>

#include "network/vectors.hpp"
#include "synfire/simd.hpp"

namespace synfire::kernels {
namespace {

using vectors::at;
using vectors::lanes;
using vectors::Vector;

// Vectors that stay in registers while rows stream past: 8 fill half of AVX-512's register file.
constexpr std::size_t block = 8;

// One block of N vectors of the sum.
template <std::size_t N>
SYNFIRE_INLINE void add_listed_block(float* sum, const float* rows, std::size_t stride,
                                     std::span<const std::uint32_t> list) {
    Vector acc[N];
    for (std::size_t v = 0; v < N; ++v) acc[v] = at(sum + v * lanes);
    for (const std::uint32_t j : list) {
        const float* row = rows + j * stride;
        for (std::size_t v = 0; v < N; ++v) acc[v] += at(row + v * lanes);
    }
    for (std::size_t v = 0; v < N; ++v) at(sum + v * lanes) = acc[v];
}

// N vectors of the gradient's row j, from column c on.
template <std::size_t N>
SYNFIRE_INLINE void add_waiting_block(float* target, std::size_t c, std::uint32_t j,
                                      const GradientRows& rows) {
    Vector acc[N];
    for (std::size_t v = 0; v < N; ++v) acc[v] = at(target + c + v * lanes);
    for (const std::uint32_t k : rows.of(j)) {
        const float* row = rows.row(k) + c;
        for (std::size_t v = 0; v < N; ++v) acc[v] += at(row + v * lanes);
    }
    for (std::uint32_t o = 0; o < rows.outer_count(); ++o)
        if (const float scale = rows.scale(o, j); scale != 0.0f) {
            const float* row = rows.outer_row(o) + c;
            for (std::size_t v = 0; v < N; ++v) acc[v] += scale * at(row + v * lanes);
        }
    for (std::size_t v = 0; v < N; ++v) at(target + c + v * lanes) = acc[v];
}

template <std::size_t N>
SYNFIRE_INLINE void add_scaled_block(float* sum, const float* rows, std::size_t stride,
                                     std::span<const std::uint32_t> list, const float* v) {
    Vector acc[N];
    for (std::size_t k = 0; k < N; ++k) acc[k] = at(sum + k * lanes);
    for (const std::uint32_t i : list) {
        const float* row = rows + i * stride;
        for (std::size_t k = 0; k < N; ++k) acc[k] += v[i] * at(row + k * lanes);
    }
    for (std::size_t k = 0; k < N; ++k) at(sum + k * lanes) = acc[k];
}

}  // namespace

void add_listed_rows(float* sum, const float* rows, std::size_t stride, std::size_t width,
                     std::span<const std::uint32_t> list) {
    if (list.empty()) return;
    simd::run([&]() SYNFIRE_INLINE_LAMBDA {
        vectors::in_blocks<block>(width, [&](auto n, std::size_t c) SYNFIRE_INLINE_LAMBDA {
            add_listed_block<n.value>(sum + c, rows + c, stride, list);
        });
    });
}

// Column blocks outermost: the rows' part in a block is read from afar once for all ticks.
void add_rows_of_ticks(float* sums, const float* rows, std::size_t stride,
                       std::span<const std::span<const std::uint32_t>> lists) {
    simd::run([&]() SYNFIRE_INLINE_LAMBDA {
        vectors::in_blocks<block>(stride, [&](auto n, std::size_t c) SYNFIRE_INLINE_LAMBDA {
            for (std::size_t k = 0; k < lists.size(); ++k)
                add_listed_block<n.value>(sums + k * stride + c, rows + c, stride, lists[k]);
        });
    });
}

// Column blocks outermost, so that a block of all waiting rows stays in the first-level cache.
std::uint64_t add_rows(float* target, std::size_t stride, std::size_t width,
                       const GradientRows& rows) {
    constexpr std::size_t narrow = block / 2;
    constexpr std::size_t ahead = 6;  // rows: their blocks are too far apart for the CPU to foresee
    simd::run([&]() SYNFIRE_INLINE_LAMBDA {
        vectors::in_blocks<narrow>(width, [&](auto n, std::size_t c) SYNFIRE_INLINE_LAMBDA {
            for (std::uint32_t j = 0; j < rows.pre_count(); ++j) {
                for (std::size_t v = 0; v < n.value; ++v)
                    __builtin_prefetch(target + (j + ahead) * stride + c + v * lanes, 1);
                if (rows.reaches(j)) add_waiting_block<n.value>(target + j * stride, c, j, rows);
            }
        });
    });
    std::uint64_t added = 0;
    for (std::uint32_t j = 0; j < rows.pre_count(); ++j) {
        added += rows.of(j).size();
        for (std::uint32_t o = 0; o < rows.outer_count(); ++o) added += rows.scale(o, j) != 0.0f;
    }
    return added;
}

std::uint64_t add_scaled_rows(float* sum, const float* rows, std::size_t stride, std::size_t width,
                              std::uint32_t count, const float* v) {
    thread_local std::vector<std::uint32_t> list;
    list.clear();
    for (std::uint32_t i = 0; i < count; ++i)
        if (v[i] != 0.0f) list.push_back(i);
    simd::run([&]() SYNFIRE_INLINE_LAMBDA {
        vectors::in_blocks<block>(width, [&](auto n, std::size_t c) SYNFIRE_INLINE_LAMBDA {
            add_scaled_block<n.value>(sum + c, rows + c, stride, list, v);
        });
    });
    return list.size();
}

void transpose(const Matrix& from, Matrix& to) {
    constexpr std::uint32_t tile = 16;
    for (std::uint32_t j = 0; j < from.rows; j += tile)
        for (std::uint32_t i = 0; i < from.columns; ++i)
            for (std::uint32_t k = j; k < std::min(from.rows, j + tile); ++k)
                to.row(i)[k] = from.row(k)[i];
}

void add(float* a, const float* b, std::size_t count) {
    simd::run([&]() SYNFIRE_INLINE_LAMBDA {
        for (std::size_t i = 0; i < count; ++i) a[i] += b[i];
    });
}

}  // namespace synfire::kernels
