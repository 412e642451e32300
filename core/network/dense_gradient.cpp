#include "network/dense_gradient.hpp"

#include <algorithm>
#include <bit>
#include <vector>

#include "network/vectors.hpp"
#include "synfire/simd.hpp"

namespace synfire {
namespace {

using vectors::at;
using vectors::Floats;
using vectors::Vector;

constexpr std::uint32_t group = 4;           // rows
constexpr std::uint32_t sums = 1u << group;  // of a group, the empty one included
constexpr std::size_t block = 4;             // vectors of a row that stay in registers
constexpr std::size_t ahead = 6;             // rows of a gradient, fetched before their turn

// The lowest bit of every group of which there is any.
std::uint64_t groups_of(std::uint64_t bits) {
    bits |= bits >> 1;
    bits |= bits >> 2;
    return bits & 0x1111111111111111u;
}

// What each source neuron gets, as numbers of terms: of sums of groups, or of single rows.
class Plan {
  public:
    struct Source {
        float* row;  // of its gradient
        std::uint32_t number, begin, count;
    };
    struct Repeated {
        float* row;
        std::uint32_t waiting;
    };

    void make(std::span<const DenseGradient> gradients, const GradientRows& rows) {
        words_ = (rows.row_count() + 63) / 64;
        mark(gradients, rows);
        // A sum costs about what a term does.
        const std::uint32_t groups = (rows.row_count() + group - 1) / group;
        grouped_ = rows.brought() > count_groups() + std::uint64_t{sums} * groups;
        if (grouped_)
            list<true>(gradients, rows);
        else
            list<false>(gradients, rows);
        put_equal_counts_together();
    }

    bool grouped() const { return grouped_; }
    std::span<const Source> sources() const { return sources_; }
    const std::uint16_t* terms() const { return terms_.data(); }
    // Rows that a source gets a second time at one tick.
    std::span<const Repeated> repeated() const { return repeated_; }

  private:
    // A bit for each row that a source gets: word w of source j has those of rows 64 w and on.
    void mark(std::span<const DenseGradient> gradients, const GradientRows& rows) {
        const std::size_t count = rows.pre_count();
        bits_.assign(words_ * count, 0);
        repeated_.clear();
        for (std::uint32_t k = 0; k < rows.row_count(); ++k) {
            std::uint64_t* const words = bits_.data() + k / 64 * count;
            const std::uint64_t bit = std::uint64_t{1} << (k % 64);
            for (const std::uint32_t j : rows.sources(k)) {
                const std::uint64_t word = words[j];
                if (word & bit) repeated_.push_back({row_of(gradients, j), k});
                words[j] = word | bit;
            }
        }
    }

    std::uint64_t count_groups() const {
        std::uint64_t count = 0;
        simd::run([&]() SYNFIRE_INLINE_LAMBDA {
            for (std::uint64_t w : bits_) {
                // The bits of 16 groups, added up.
                w = groups_of(w);
                count += w * 0x1111111111111111u >> 60;
                count += w == 0x1111111111111111u ? 16 : 0;
            }
        });
        return count;
    }

    template <bool Grouped>
    void list(std::span<const DenseGradient> gradients, const GradientRows& rows) {
        terms_.resize(rows.brought());
        unsorted_.resize(rows.pre_count());
        std::uint16_t* const terms = terms_.data();
        Source* const sources = unsorted_.data();
        std::uint32_t end = 0, reached = 0;
        for (const DenseGradient& part : gradients)
            for (std::uint32_t r = 0; r < part.gradient.rows; ++r) {
                const std::uint32_t j = part.first + r, begin = end;
                for (std::size_t w = 0; w < words_; ++w) {
                    const std::uint64_t bits = bits_[w * rows.pre_count() + j];
                    const auto base = static_cast<std::uint32_t>(w) * 64;
                    std::uint64_t left = Grouped ? groups_of(bits) : bits;
                    for (; left != 0; left &= left - 1) {
                        const auto k = static_cast<std::uint32_t>(std::countr_zero(left));
                        const std::uint32_t term =
                            Grouped ? (base + k) * (sums / group) +
                                          static_cast<std::uint32_t>(bits >> k) % sums
                                    : base + k;
                        terms[end++] = static_cast<std::uint16_t>(term);
                    }
                }
                bool scaled = false;
                for (std::uint32_t o = 0; o < rows.outer_count(); ++o)
                    scaled |= rows.scale(o, j) != 0.0f;
                sources[reached] = {part.gradient.row(r), j, begin, end - begin};
                reached += end > begin || scaled;
            }
        unsorted_.resize(reached);
    }

    // So that the CPU foresees where the loops over terms end.
    void put_equal_counts_together() {
        std::uint32_t most = 0;
        for (const Source& s : unsorted_) most = std::max(most, s.count);
        begin_.assign(most + 2, 0);
        for (const Source& s : unsorted_) ++begin_[s.count + 1];
        for (std::size_t n = 1; n < begin_.size(); ++n) begin_[n] += begin_[n - 1];
        sources_.resize(unsorted_.size());
        for (const Source& s : unsorted_) sources_[begin_[s.count]++] = s;
    }

    static float* row_of(std::span<const DenseGradient> gradients, std::uint32_t source) {
        const auto part = std::ranges::find_if(
            gradients, [&](const DenseGradient& g) { return source - g.first < g.gradient.rows; });
        return part->gradient.row(source - part->first);
    }

    bool grouped_ = false;
    std::size_t words_ = 0;
    std::vector<std::uint64_t> bits_;
    std::vector<std::uint16_t> terms_;
    std::vector<Source> unsorted_, sources_;
    std::vector<std::uint32_t> begin_;
    std::vector<Repeated> repeated_;
};

// N vectors of all sums of all groups, from column c on; sum m of a group is that of the rows whose
// bits m has.
template <std::size_t Bytes, std::size_t N>
SYNFIRE_INLINE void form_sums(float* table, const GradientRows& rows, std::size_t c) {
    constexpr std::size_t lanes = Floats<Bytes>::lanes, width = N * lanes;
    for (std::uint32_t first = 0; first < rows.row_count(); first += group) {
        float* of_group = table + first / group * sums * width;
        const std::uint32_t end = std::min(group, rows.row_count() - first);
        for (std::uint32_t r = 0; r < end; ++r) {
            const float* row = rows.row(first + r) + c;
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

// N vectors of a source's row, from column c on. Term t is at `of_terms` + t * stride.
template <std::size_t Bytes, std::size_t N>
SYNFIRE_INLINE void add_terms(const Plan::Source& source, const std::uint16_t* terms,
                              const float* of_terms, std::size_t stride, const GradientRows& rows,
                              std::size_t c) {
    constexpr std::size_t lanes = Floats<Bytes>::lanes;
    float* to = source.row + c;
    Vector<Bytes> acc[N];
    for (std::size_t v = 0; v < N; ++v) acc[v] = at<Bytes>(to + v * lanes);
    for (std::uint32_t k = source.begin; k < source.begin + source.count; ++k) {
        const float* term = of_terms + terms[k] * stride;
        for (std::size_t v = 0; v < N; ++v) acc[v] += at<Bytes>(term + v * lanes);
    }
    for (std::uint32_t o = 0; o < rows.outer_count(); ++o) {
        const float scale = rows.scale(o, source.number);
        const float* row = rows.outer_row(o) + c;
        for (std::size_t v = 0; v < N; ++v) acc[v] += scale * at<Bytes>(row + v * lanes);
    }
    for (std::size_t v = 0; v < N; ++v) at<Bytes>(to + v * lanes) = acc[v];
}

}  // namespace

// Column blocks outermost, so that the terms' part in a block stays in a near cache.
std::uint64_t add_rows(std::span<const DenseGradient> gradients, const GradientRows& rows) {
    thread_local Plan plan;
    thread_local AlignedVector<float> table;
    plan.make(gradients, rows);
    const std::span<const Plan::Source> sources = plan.sources();
    if (sources.empty()) return 0;
    const std::size_t last = sources.size() - 1;
    simd::run([&](auto bytes) SYNFIRE_INLINE_LAMBDA {
        constexpr std::size_t lanes = Floats<bytes>::lanes;
        if (plan.grouped()) table.resize(rows.row_capacity() * sums / group * block * lanes);
        vectors::in_blocks<bytes, block>(
            rows.stride(), [&](auto n, std::size_t c) SYNFIRE_INLINE_LAMBDA {
                if (plan.grouped()) form_sums<bytes, n.value>(table.data(), rows, c);
                const float* of_terms = plan.grouped() ? table.data() : rows.row(0) + c;
                const std::size_t stride = plan.grouped() ? n.value * lanes : rows.stride();
                for (std::size_t s = 0; s <= last; ++s) {
                    const float* next = sources[std::min(s + ahead, last)].row + c;
                    for (std::size_t v = 0; v < n.value; ++v)
                        __builtin_prefetch(next + v * lanes, 1);
                    add_terms<bytes, n.value>(sources[s], plan.terms(), of_terms, stride, rows, c);
                }
            });
    });
    for (const Plan::Repeated& one : plan.repeated())
        for (std::size_t i = 0; i < rows.stride(); ++i) one.row[i] += rows.row(one.waiting)[i];
    return rows.brought() + rows.products();
}

}  // namespace synfire
