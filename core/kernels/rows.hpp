// The inner loops over rows of weights, compiled for each instruction set (synfire/simd.hpp).
// Every element sees the same operations in the same order on every CPU. Arrays begin on 64-byte
// boundaries and are padded with zeros to multiples of 16 floats; `width` is such a multiple.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/matrix.hpp"

namespace synfire::kernels {

// sum += rows[j] for each j of the list; rows are `stride` apart and as wide. In the order of the
// list; of narrow rows, every fourth is added to a sum of its own first.
void add_listed_rows(float* sum, const float* rows, std::size_t stride,
                     std::span<const std::uint32_t> list);

// sum += v[i] * rows[i] over i, ascending; anew: from 0, whatever stands there.
struct ScaledSum {
    float* sum;
    const float* v;
    bool anew = false;
};
// Several at once, for i < count; returns the number of all v[i] that are not 0. Rows whose v are
// all 0 are not read.
std::uint64_t add_scaled_rows(std::span<const ScaledSum> sums, const float* rows,
                              std::size_t stride, std::size_t width, std::uint32_t count);

// Element (i, j) of `to` = element (j, i) of `from`.
void transpose(const Matrix& from, Matrix& to);

// to = a + b
void sum(float* to, const float* a, const float* b, std::size_t count);
// a += b
void add(float* a, const float* b, std::size_t count);
void add(double* a, const float* b, std::size_t count);

// Columns begin..end-1 of `to` += those of `changes`, each element then within low and high and,
// where it keeps its sign, not beyond 0 from where it was; a 0 has the sign of what fell to it.
struct Within {
    float low, high;
    bool keeps_sign;
};
void add_within(Matrix& to, const Matrix& changes, std::uint32_t begin, std::uint32_t end,
                Within within);

}  // namespace synfire::kernels
