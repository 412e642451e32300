#include "network/dense_gradient.hpp"

#include <vector>

#include "network/row_sums.hpp"

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

}  // namespace

std::uint64_t add_rows(std::span<const DenseGradient> gradients, const GradientRows& rows) {
    struct Repeated {  // what a source neuron gets a second time at one tick
        std::uint32_t source, waiting;
    };
    thread_local RowPlan plan;
    thread_local std::vector<Repeated> repeated;
    const std::span<float* const> to = rows_of(gradients, rows.pre_count());
    plan.begin(to, rows.row_count());
    repeated.clear();
    for (std::uint32_t k = 0; k < rows.row_count(); ++k) {
        std::uint64_t* const words = plan.words(k / 64);
        const std::uint64_t bit = std::uint64_t{1} << (k % 64);
        for (const std::uint32_t j : rows.sources(k)) {
            const std::uint64_t word = words[j];
            if (word & bit) repeated.push_back({j, k});
            words[j] = word | bit;
        }
    }
    plan.finish(rows.outer_count() > 0);
    row_sums::add(plan, {rows.row(0), rows.stride(), rows.stride()}, nullptr,
                  [&](auto bytes, auto n, std::uint32_t source, auto& acc, std::size_t c)
                      SYNFIRE_INLINE_LAMBDA {
                          constexpr std::size_t lanes = vectors::Floats<bytes>::lanes;
                          for (std::uint32_t o = 0; o < rows.outer_count(); ++o) {
                              const float scale = rows.scale(o, source);
                              const float* row = rows.outer_row(o) + c;
                              for (std::size_t v = 0; v < n.value; ++v)
                                  acc[v] += scale * vectors::at<bytes>(row + v * lanes);
                          }
                      });
    for (const Repeated& one : repeated)
        for (std::size_t i = 0; i < rows.stride(); ++i)
            to[one.source][i] += rows.row(one.waiting)[i];
    return rows.brought() + rows.products();
}

}  // namespace synfire
