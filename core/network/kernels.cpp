#include "network/kernels.hpp"

#include <bit>
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

template <std::size_t N>
SYNFIRE_INLINE void add_masked_block(float* target, std::uint32_t mask, const float* rows,
                                     std::size_t row_stride, float scale, const float* carry) {
    Vector acc[N];
    for (std::size_t v = 0; v < N; ++v) acc[v] = at(target + v * lanes);
    for (; mask != 0; mask &= mask - 1) {
        const float* row = rows + static_cast<std::size_t>(std::countr_zero(mask)) * row_stride;
        for (std::size_t v = 0; v < N; ++v) acc[v] += at(row + v * lanes);
    }
    if (scale != 0.0f)
        for (std::size_t v = 0; v < N; ++v) acc[v] += scale * at(carry + v * lanes);
    for (std::size_t v = 0; v < N; ++v) at(target + v * lanes) = acc[v];
}

}  // namespace

void add_listed_rows(float* sum, const float* rows, std::size_t stride, std::size_t width,
                     std::span<const std::uint32_t> list) {
    if (list.empty()) return;
    simd::run([&]() SYNFIRE_INLINE_LAMBDA {
        std::size_t c = 0;
        for (; c + block * lanes <= width; c += block * lanes)
            add_listed_block<block>(sum + c, rows + c, stride, list);
        for (; c < width; c += lanes) add_listed_block<1>(sum + c, rows + c, stride, list);
    });
}

std::uint64_t add_masked_rows(float* target, std::size_t stride, std::size_t width,
                              std::uint32_t count, const std::uint32_t* mask, const float* rows,
                              std::size_t row_stride, const float* scale, const float* carry) {
    std::uint64_t added = 0;
    if (!scale) carry = rows;  // never read
    simd::run([&]() SYNFIRE_INLINE_LAMBDA {
        for (std::uint32_t j = 0; j < count; ++j) {
            const float carried = scale ? scale[j] : 0.0f;
            if (mask[j] == 0 && carried == 0.0f) continue;
            added += static_cast<std::uint64_t>(std::popcount(mask[j])) + (carried != 0.0f);
            float* row = target + j * stride;
            std::size_t c = 0;
            for (; c + block * lanes <= width; c += block * lanes)
                add_masked_block<block>(row + c, mask[j], rows + c, row_stride, carried, carry + c);
            for (; c < width; c += lanes)
                add_masked_block<1>(row + c, mask[j], rows + c, row_stride, carried, carry + c);
        }
    });
    return added;
}

void add_products(float* out, const float* rows, std::size_t stride, std::size_t width,
                  std::uint32_t count, const float* v) {
    simd::run([&]() SYNFIRE_INLINE_LAMBDA {
        for (std::uint32_t j = 0; j < count; ++j) {
            const float* row = rows + j * stride;
            Vector parts = {};
            for (std::size_t c = 0; c < width; c += lanes) parts += at(row + c) * at(v + c);
            float half[lanes];
            for (std::size_t k = 0; k < lanes; ++k) half[k] = parts[k];
            for (std::size_t step = lanes / 2; step > 0; step /= 2)
                for (std::size_t k = 0; k < step; ++k) half[k] += half[k + step];
            out[j] += half[0];
        }
    });
}

void add_sparse_products(float* out, const float* rows, std::size_t stride, std::uint32_t length,
                         std::uint32_t count, const float* v) {
    thread_local std::vector<std::uint32_t> active;
    active.clear();
    for (std::uint32_t i = 0; i < length; ++i)
        if (v[i] != 0.0f) active.push_back(i);
    for (std::uint32_t j = 0; j < count; ++j) {
        float sum = 0.0f;
        for (const std::uint32_t i : active) sum += rows[j * stride + i] * v[i];
        out[j] += sum;
    }
}

void add(float* a, const float* b, std::size_t count) {
    simd::run([&]() SYNFIRE_INLINE_LAMBDA {
        for (std::size_t i = 0; i < count; ++i) a[i] += b[i];
    });
}

}  // namespace synfire::kernels
