// Adding the rows that a plan lists to many sums. Every element sees the same operations in the
// same order on every CPU.
#pragma once

#include <algorithm>
#include <cstddef>

#include "base/matrix.hpp"
#include "network/row_plan.hpp"
#include "network/vectors.hpp"
#include "synfire/simd.hpp"

namespace synfire::row_sums {

// Rows are padded to whole vectors of 16 floats, which `width` counts in.
struct Rows {
    const float* first;
    std::size_t stride, width;
};

// N vectors of all sums of all groups of `count` rows; sum m of a group is that of the rows whose
// bits m has.
template <std::size_t Bytes, std::size_t N>
SYNFIRE_INLINE void form(float* table, const float* rows, std::size_t stride, std::uint32_t count) {
    using namespace vectors;
    constexpr std::size_t lanes = Floats<Bytes>::lanes, width = N * lanes;
    constexpr std::uint32_t ahead = 24;  // rows, fetched before their turn
    for (std::uint32_t first = 0; first < count; first += RowPlan::group) {
        float* of_group = table + first / RowPlan::group * RowPlan::sums * width;
        const std::uint32_t end = std::min(RowPlan::group, count - first);
        for (std::uint32_t r = 0; r < end; ++r)
            for (std::size_t v = 0; v < N; v += 64 / Bytes)
                __builtin_prefetch(rows + std::min(first + r + ahead, count - 1) * stride +
                                   v * lanes);
        for (std::uint32_t r = 0; r < end; ++r) {
            const float* row = rows + (first + r) * stride;
            for (std::size_t v = 0; v < N; ++v) {
                const Vector<Bytes> one = at<Bytes>(row + v * lanes);
                float* to = of_group + (std::size_t{1} << r) * width + v * lanes;
                at<Bytes>(to) = one;
                for (std::size_t m = 1; m < std::size_t{1} << r; ++m)
                    at<Bytes>(to + m * width) = at<Bytes>(of_group + m * width + v * lanes) + one;
            }
        }
    }
}

// Columns that are gone through together: few enough that the terms' part in them stays in a near
// cache.
constexpr std::size_t block_floats = 32;

// Each listed sum, from `start` on or, where that is null, from what stands there, += its terms;
// then last(bytes, N, sum, acc, c) may add to N vectors `acc` of a sum, those from column c on.
template <class Last>
void add(const RowPlan& plan, const Rows& rows, const float* start, Last&& last) {
    thread_local AlignedVector<float> table;
    const auto sums = plan.listed();
    if (sums.empty()) return;
    const std::size_t groups = (plan.row_count() + RowPlan::group - 1) / RowPlan::group;
    if (const std::size_t size = groups * RowPlan::sums * block_floats;
        plan.grouped() && table.size() < size)
        table.resize(size);
    simd::run([&](auto bytes) SYNFIRE_INLINE_LAMBDA {
        using namespace vectors;
        constexpr std::size_t lanes = Floats<bytes>::lanes;
        constexpr std::size_t ahead = 8;  // sums, fetched before their turn
        in_blocks<bytes, block_floats / lanes>(
            rows.width, [&](auto n, std::size_t c) SYNFIRE_INLINE_LAMBDA {
                const float* of_terms = rows.first + c;
                std::size_t stride = rows.stride;
                if (plan.grouped()) {
                    form<bytes, n.value>(table.data(), of_terms, stride, plan.row_count());
                    of_terms = table.data();
                    stride = n.value * lanes;
                }
                const std::uint16_t* terms = plan.terms();
                for (std::size_t s = 0; s < sums.size(); ++s) {
                    const float* next = sums[std::min(s + ahead, sums.size() - 1)].to + c;
                    for (std::size_t v = 0; v < n.value; v += 64 / bytes)
                        __builtin_prefetch(next + v * lanes, 1);
                    float* to = sums[s].to + c;
                    const float* from = start ? start + c : to;
                    Vector<bytes> acc[n.value];
                    for (std::size_t v = 0; v < n.value; ++v) acc[v] = at<bytes>(from + v * lanes);
                    for (const std::uint16_t* end = terms + sums[s].terms; terms != end; ++terms) {
                        const float* term = of_terms + *terms * stride;
                        for (std::size_t v = 0; v < n.value; ++v)
                            acc[v] += at<bytes>(term + v * lanes);
                    }
                    last(bytes, n, sums[s].number, acc, c);
                    for (std::size_t v = 0; v < n.value; ++v) at<bytes>(to + v * lanes) = acc[v];
                }
            });
    });
}

}  // namespace synfire::row_sums
