#include "kernels/dense_gradient.hpp"

#include <utility>
#include <vector>

#include "kernels/row_sums.hpp"
#include "kernels/rows.hpp"
#include "kernels/vectors.hpp"
#include "synfire/simd.hpp"

namespace synfire {
namespace {

// Where sums over source neurons go.
std::span<float* const> rows_of(std::span<const DenseGradient> gradients, std::uint32_t sources) {
    thread_local std::vector<float*> rows;
    rows.resize(sources);
    for (const DenseGradient& part : gradients)
        for (std::uint32_t r = 0; r < part.gradient.rows; ++r)
            rows[part.first + r] = part.gradient.row(r);
    return rows;
}

// Source neurons that an outer product brings something.
std::span<const std::uint32_t> with_products(const GradientRows& rows) {
    thread_local std::vector<std::uint32_t> sources;
    sources.clear();
    if (rows.outer_count() == 0) return sources;
    for (std::uint32_t j = 0; j < rows.pre_count(); ++j) {
        bool any = false;
        for (std::uint32_t o = 0; o < rows.outer_count(); ++o) any |= rows.scale(o, j) != 0.0f;
        if (any) sources.push_back(j);
    }
    return sources;
}

// All outer products, for the columns of a block.
struct Products {
    std::span<float* const> to;
    std::span<const std::uint32_t> sources;
    const GradientRows& rows;

    void add(std::size_t first, std::size_t columns) const {
        simd::run([&](auto bytes) SYNFIRE_INLINE_LAMBDA {
            constexpr std::size_t most = 8;  // vectors: those of a block
            vectors::in_blocks<bytes, most>(
                columns, [&](auto n, std::size_t c)
                             SYNFIRE_INLINE_LAMBDA { add_block<bytes, n.value>(first + c); });
        });
    }

  private:
    template <std::size_t Bytes, std::size_t N>
    SYNFIRE_INLINE void add_block(std::size_t c) const {
        constexpr std::size_t lanes = vectors::Floats<Bytes>::lanes;
        for (const std::uint32_t j : sources) {
            vectors::Vector<Bytes> acc[N];
            for (std::size_t v = 0; v < N; ++v) acc[v] = vectors::at<Bytes>(to[j] + c + v * lanes);
            for (std::uint32_t o = 0; o < rows.outer_count(); ++o) {
                const float scale = rows.scale(o, j);
                const float* row = rows.outer_row(o) + c;
                for (std::size_t v = 0; v < N; ++v)
                    acc[v] += scale * vectors::at<Bytes>(row + v * lanes);
            }
            for (std::size_t v = 0; v < N; ++v) vectors::at<Bytes>(to[j] + c + v * lanes) = acc[v];
        }
    }
};

void add_products(const void* context, std::size_t first, std::size_t columns) {
    static_cast<const Products*>(context)->add(first, columns);
}

// Adds the rows that a source neuron gets a second time at one tick.
void add_repeated(std::span<float* const> to, const GradientRows& rows) {
    std::vector<std::uint32_t> last(to.size(), UINT32_MAX);
    for (std::uint32_t k = 0; k < rows.row_count(); ++k)
        for (const std::uint32_t j : rows.sources(k))
            if (std::exchange(last[j], k) == k) kernels::add(to[j], rows.row(k), rows.width());
}

}  // namespace

std::uint64_t add_rows(std::span<const DenseGradient> gradients, const GradientRows& rows,
                       bool anew) {
    thread_local RowPlan plan_of_thread;
    RowPlan& plan = plan_of_thread;
    const std::span<float* const> to = rows_of(gradients, rows.pre_count());
    plan.begin(to, rows.row_count());
    for (std::uint32_t k = 0; k < rows.row_count(); ++k) {
        std::uint64_t* const words = plan.words(k / 64);
        const std::uint64_t bit = std::uint64_t{1} << (k % 64);
        const std::span<const std::uint32_t> sources = rows.sources(k);
#pragma GCC unroll 4
        for (std::size_t n = 0; n < sources.size(); ++n) words[sources[n]] |= bit;
    }
    plan.finish(anew);
    thread_local AlignedVector<float> zeros;
    if (zeros.size() < rows.width()) zeros.resize(rows.width());
    const Products products{to, with_products(rows), rows};
    row_sums::More more;
    if (!products.sources.empty()) more = {&add_products, &products};
    row_sums::add(plan, {rows.row(0), rows.stride(), rows.width()}, anew ? zeros.data() : nullptr,
                  more);
    if (plan.row_additions() < rows.row_additions()) add_repeated(to, rows);
    return rows.row_additions() + rows.products();
}

}  // namespace synfire
