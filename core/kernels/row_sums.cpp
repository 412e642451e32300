#include "kernels/row_sums.hpp"

#include <algorithm>

#include "base/matrix.hpp"
#include "kernels/vectors.hpp"
#include "synfire/simd.hpp"

namespace synfire::row_sums {
namespace {

// N vectors of all sums of all groups of `count` rows, RowPlan::columns apart; sum m of a group is
// that of the rows whose bits m has.
template <std::size_t Bytes, std::size_t N>
SYNFIRE_INLINE void form(float* table, const float* rows, std::size_t stride, std::uint32_t count) {
    using namespace vectors;
    constexpr std::size_t lanes = Floats<Bytes>::lanes, width = RowPlan::columns;
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

// Sums, fetched before their turn.
constexpr std::size_t ahead = RowPlan::beyond;
// Loops over no more terms are unrolled: sums of groups are many terms, rows one by one are few;
// and CPUs without AVX2 are rare.
template <std::size_t Bytes>
constexpr std::size_t of_groups = Bytes > 16 ? 16 : 4;
template <std::size_t Bytes>
constexpr std::size_t of_rows = Bytes > 16 ? 8 : 4;

// body(Width<N>) for the N that is the length; body(Width<0>) for all others.
template <std::size_t N, class Body>
SYNFIRE_INLINE void of_length(std::size_t length, Body&& body) {
    if (length == N) return body(vectors::Width<N>{});
    if constexpr (N > 1)
        of_length<N - 1>(length, body);
    else
        body(vectors::Width<0>{});
}

// N vectors, from column c on, of the sums of one run of the plan: `start`, or what stands there
// where that is null, and Terms terms, or run.terms where Terms is 0. Term t is at of_terms + t *
// unit. Returns the terms of the next run.
template <std::size_t Bytes, std::size_t N, std::size_t Terms>
SYNFIRE_INLINE const std::uint16_t* add_run(const RowPlan::Run& run, const RowPlan::Sum* sum,
                                            const std::uint16_t* terms, const float* of_terms,
                                            auto unit, const float* start, std::size_t c) {
    using namespace vectors;
    constexpr std::size_t lanes = Floats<Bytes>::lanes;
    const std::uint32_t count = Terms > 0 ? Terms : run.terms;
    for (const RowPlan::Sum* const end = sum + run.sums; sum != end; ++sum) {
        const float* next = sum[ahead].to + c;
        for (std::size_t v = 0; v < N; v += 64 / Bytes) __builtin_prefetch(next + v * lanes, 1);
        float* to = sum->to + c;
        const float* from = start ? start + c : to;
        Vector<Bytes> acc[N];
        for (std::size_t v = 0; v < N; ++v) acc[v] = at<Bytes>(from + v * lanes);
#pragma GCC unroll 16
        for (std::uint32_t k = 0; k < count; ++k) {
            const float* term = of_terms + terms[k] * unit;
            for (std::size_t v = 0; v < N; ++v) acc[v] += at<Bytes>(term + v * lanes);
        }
        terms += count;
        for (std::size_t v = 0; v < N; ++v) at<Bytes>(to + v * lanes) = acc[v];
    }
    return terms;
}

template <std::size_t Bytes, std::size_t N, std::size_t MostUnrolled>
SYNFIRE_INLINE void add_runs(const RowPlan& plan, const float* of_terms, auto unit,
                             const float* start, std::size_t c) {
    const std::uint16_t* terms = plan.terms();
    const RowPlan::Sum* sum = plan.listed().data();
    for (const RowPlan::Run& run : plan.runs()) {
        of_length<MostUnrolled>(run.terms, [&](auto length) SYNFIRE_INLINE_LAMBDA {
            terms = add_run<Bytes, N, length.value>(run, sum, terms, of_terms, unit, start, c);
        });
        sum += run.sums;
    }
}

}  // namespace

void add(const RowPlan& plan, const Rows& rows, const float* start, const More& more) {
    thread_local AlignedVector<float> table;
    const std::size_t groups = (plan.row_count() + RowPlan::group - 1) / RowPlan::group;
    if (const std::size_t size = groups * RowPlan::sums * RowPlan::columns;
        plan.grouped() && table.size() < size)
        table.resize(size);
    simd::run([&](auto bytes) SYNFIRE_INLINE_LAMBDA {
        constexpr std::size_t lanes = vectors::Floats<bytes>::lanes;
        if (!plan.grouped()) {
            constexpr std::size_t wide = 8;  // vectors: long pieces of rows that may be far away
            vectors::in_blocks<bytes, wide>(rows.width,
                                            [&](auto n, std::size_t c) SYNFIRE_INLINE_LAMBDA {
                                                add_runs<bytes, n.value, of_rows<bytes>>(
                                                    plan, rows.first + c, rows.stride, start, c);
                                                if (more.add) more.add(more.context, c, n * lanes);
                                            });
            return;
        }
        vectors::in_blocks<bytes, RowPlan::columns / lanes>(
            rows.width, [&](auto n, std::size_t c) SYNFIRE_INLINE_LAMBDA {
                form<bytes, n.value>(table.data(), rows.first + c, rows.stride, plan.row_count());
                add_runs<bytes, n.value, of_groups<bytes>>(plan, table.data(), vectors::Width<2>{},
                                                           start, c);
                if (more.add) more.add(more.context, c, n * lanes);
            });
    });
}

}  // namespace synfire::row_sums
