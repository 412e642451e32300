// Adding the rows that a plan lists to many sums. Every element sees the same operations in the
// same order on every CPU. Compiled once, in row_sums.cpp: its loops are unrolled by the number of
// terms, which takes the compiler long.
#pragma once

#include <cstddef>

#include "kernels/row_plan.hpp"

namespace synfire::row_sums {

// Rows are padded to whole vectors of 16 floats, which `width` counts in.
struct Rows {
    const float* first;
    std::size_t stride, width;
};

// What else is to be added to a block of columns while it is at hand; nothing where `add` is null.
struct More {
    void (*add)(const void* context, std::size_t first_column, std::size_t columns) = nullptr;
    const void* context = nullptr;
};

// Each listed sum, from `start` on or, where that is null, from what stands there, += its terms.
void add(const RowPlan& plan, const Rows& rows, const float* start, const More& more = {});

}  // namespace synfire::row_sums
