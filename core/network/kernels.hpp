// The inner loops over rows of weights, compiled for each instruction set (synfire/simd.hpp).
// Every element sees the same operations in the same order on every CPU. Arrays begin on 64-byte
// boundaries and are padded with zeros to multiples of 16 floats; `width` is such a multiple.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace synfire::kernels {

// sum += rows[j] for each j of the list, in its order.
void add_listed_rows(float* sum, const float* rows, std::size_t stride, std::size_t width,
                     std::span<const std::uint32_t> list);

// For every j < count: target row j += sum of source rows k over the set bits k of mask[j]
// (ascending) + scale[j] * carry, where scale is given. Rows with an empty mask and scale 0 are not
// touched; returns the number of source rows and carries that were added.
std::uint64_t add_masked_rows(float* target, std::size_t stride, std::size_t width,
                              std::uint32_t count, const std::uint32_t* mask, const float* rows,
                              std::size_t row_stride, const float* scale, const float* carry);

// out[j] += rows[j] . v for every j < count. Each product is summed in 16 interleaved parts, which
// are then added pairwise.
void add_products(float* out, const float* rows, std::size_t stride, std::size_t width,
                  std::uint32_t count, const float* v);

// The same through the elements of v that are not 0, in ascending order, one after another.
void add_sparse_products(float* out, const float* rows, std::size_t stride, std::uint32_t length,
                         std::uint32_t count, const float* v);

// a += b
void add(float* a, const float* b, std::size_t count);

}  // namespace synfire::kernels
