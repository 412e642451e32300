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

// Which groups there is any of, as a bit each: of 16 groups of bits.
SYNFIRE_INLINE std::uint64_t groups_of(std::uint64_t bits) {
    bits |= bits >> 1;
    bits |= bits >> 2;
    bits &= 0x1111111111111111u;
    bits = (bits | bits >> 3) & 0x0303030303030303u;
    bits = (bits | bits >> 6) & 0x000f000f000f000fu;
    bits = (bits | bits >> 12) & 0x000000ff000000ffu;
    return (bits | bits >> 24) & 0xffffu;
}

// What each source neuron gets, as numbers of terms: of sums of groups, or of single rows.
class Plan {
  public:
    struct Source {
        float* row;  // of its gradient
        std::uint32_t number, count;
    };
    struct Repeated {
        float* row;
        std::uint32_t waiting;
    };

    void make(std::span<const DenseGradient> gradients, const GradientRows& rows) {
        count_ = rows.pre_count();
        words_ = (rows.row_count() + 63) / 64;
        mark(gradients, rows);
        find_groups();
        // A sum costs about what a term does.
        const std::uint32_t groups = (rows.row_count() + group - 1) / group;
        grouped_ = rows.brought() > count_set(groups_) + std::uint64_t{sums} * groups;
        count_terms();
        order(gradients, rows);
        terms_.resize(rows.brought());
        if (grouped_)
            list_groups();
        else
            list_rows();
    }

    bool grouped() const { return grouped_; }
    // By ascending count, so that the CPU foresees where loops over terms end.
    std::span<const Source> sources() const { return sources_; }
    // Those of the sources, one after the other.
    const std::uint16_t* terms() const { return terms_.data(); }
    // Rows that a source gets a second time at one tick.
    std::span<const Repeated> repeated() const { return repeated_; }

  private:
    // A bit for each row that a source gets: word w of source j has those of rows 64 w and on.
    void mark(std::span<const DenseGradient> gradients, const GradientRows& rows) {
        bits_.assign(words_ * count_, 0);
        repeated_.clear();
        for (std::uint32_t k = 0; k < rows.row_count(); ++k) {
            std::uint64_t* const words = bits_.data() + k / 64 * count_;
            const std::uint64_t bit = std::uint64_t{1} << (k % 64);
            for (const std::uint32_t j : rows.sources(k)) {
                const std::uint64_t word = words[j];
                if (word & bit) repeated_.push_back({row_of(gradients, j), k});
                words[j] = word | bit;
            }
        }
    }

    // A bit for each group of which a source gets any: those of four words of rows in one.
    void find_groups() {
        groups_.assign((words_ + 3) / 4 * count_, 0);
        simd::run([&]() SYNFIRE_INLINE_LAMBDA {
            for (std::size_t w = 0; w < words_; ++w) {
                const std::uint64_t* from = bits_.data() + w * count_;
                std::uint64_t* to = groups_.data() + w / 4 * count_;
                for (std::size_t j = 0; j < count_; ++j) to[j] |= groups_of(from[j]) << w % 4 * 16;
            }
        });
    }

    static std::uint64_t count_set(std::span<const std::uint64_t> words) {
        std::uint64_t set = 0;
        simd::run([&]() SYNFIRE_INLINE_LAMBDA {
            for (const std::uint64_t w : words)
                set += static_cast<std::uint64_t>(__builtin_popcountll(w));
        });
        return set;
    }

    void count_terms() {
        const std::vector<std::uint64_t>& words = grouped_ ? groups_ : bits_;
        counts_.assign(count_, 0);
        simd::run([&]() SYNFIRE_INLINE_LAMBDA {
            for (std::size_t w = 0; w < words.size(); w += count_)
                for (std::size_t j = 0; j < count_; ++j)
                    counts_[j] += static_cast<std::uint32_t>(__builtin_popcountll(words[w + j]));
        });
    }

    // The sources that get anything, sorted by their counts.
    void order(std::span<const DenseGradient> gradients, const GradientRows& rows) {
        reached_.clear();
        std::uint32_t most = 0;
        for (std::uint32_t j = 0; j < count_; ++j) {
            bool any = counts_[j] > 0;
            for (std::uint32_t o = 0; o < rows.outer_count(); ++o) any |= rows.scale(o, j) != 0.0f;
            if (any) reached_.push_back(j);
            most = std::max(most, counts_[j]);
        }
        begin_.assign(most + 2, 0);
        for (const std::uint32_t j : reached_) ++begin_[counts_[j] + 1];
        for (std::size_t n = 1; n < begin_.size(); ++n) begin_[n] += begin_[n - 1];
        sources_.resize(reached_.size());
        auto next = reached_.begin();
        for (const DenseGradient& part : gradients)
            for (; next != reached_.end() && *next - part.first < part.gradient.rows; ++next)
                sources_[begin_[counts_[*next]]++] = {part.gradient.row(*next - part.first), *next,
                                                      counts_[*next]};
    }

    void list_groups() {
        std::uint16_t* term = terms_.data();
        for (const Source& source : sources_)
            for (std::size_t w = 0; w < groups_.size() / count_; ++w) {
                const std::uint64_t* const bits = bits_.data() + w * 4 * count_ + source.number;
                for (std::uint64_t left = groups_[w * count_ + source.number]; left != 0;
                     left &= left - 1) {
                    const auto g = static_cast<std::uint32_t>(std::countr_zero(left));
                    const std::uint64_t sum = bits[g / 16 * count_] >> g % 16 * group;
                    *term++ = static_cast<std::uint16_t>((w * 64 + g) * sums + sum % sums);
                }
            }
    }

    void list_rows() {
        std::uint16_t* term = terms_.data();
        for (const Source& source : sources_)
            for (std::size_t w = 0; w < words_; ++w)
                for (std::uint64_t left = bits_[w * count_ + source.number]; left != 0;
                     left &= left - 1)
                    *term++ = static_cast<std::uint16_t>(w * 64 + std::countr_zero(left));
    }

    static float* row_of(std::span<const DenseGradient> gradients, std::uint32_t source) {
        const auto part = std::ranges::find_if(
            gradients, [&](const DenseGradient& g) { return source - g.first < g.gradient.rows; });
        return part->gradient.row(source - part->first);
    }

    bool grouped_ = false;
    std::size_t count_ = 0, words_ = 0;
    std::vector<std::uint64_t> bits_, groups_;
    std::vector<std::uint32_t> counts_, reached_, begin_;
    std::vector<Source> sources_;
    std::vector<std::uint16_t> terms_;
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

// N vectors of a source's row, from column c on. Term t is at `of_terms` + t * stride. Returns the
// terms of the next source.
template <std::size_t Bytes, std::size_t N>
SYNFIRE_INLINE const std::uint16_t* add_terms(const Plan::Source& source,
                                              const std::uint16_t* terms, const float* of_terms,
                                              std::size_t stride, const GradientRows& rows,
                                              std::size_t c) {
    constexpr std::size_t lanes = Floats<Bytes>::lanes;
    float* to = source.row + c;
    Vector<Bytes> acc[N];
    for (std::size_t v = 0; v < N; ++v) acc[v] = at<Bytes>(to + v * lanes);
    for (const std::uint16_t* end = terms + source.count; terms != end; ++terms) {
        const float* term = of_terms + *terms * stride;
        for (std::size_t v = 0; v < N; ++v) acc[v] += at<Bytes>(term + v * lanes);
    }
    for (std::uint32_t o = 0; o < rows.outer_count(); ++o) {
        const float scale = rows.scale(o, source.number);
        const float* row = rows.outer_row(o) + c;
        for (std::size_t v = 0; v < N; ++v) acc[v] += scale * at<Bytes>(row + v * lanes);
    }
    for (std::size_t v = 0; v < N; ++v) at<Bytes>(to + v * lanes) = acc[v];
    return terms;
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
                const std::uint16_t* terms = plan.terms();
                for (std::size_t s = 0; s <= last; ++s) {
                    const float* next = sources[std::min(s + ahead, last)].row + c;
                    for (std::size_t v = 0; v < n.value; ++v)
                        __builtin_prefetch(next + v * lanes, 1);
                    terms = add_terms<bytes, n.value>(sources[s], terms, of_terms, stride, rows, c);
                }
            });
    });
    for (const Plan::Repeated& one : plan.repeated())
        for (std::size_t i = 0; i < rows.stride(); ++i) one.row[i] += rows.row(one.waiting)[i];
    return rows.brought() + rows.products();
}

}  // namespace synfire
