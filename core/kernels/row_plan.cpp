#include "kernels/row_plan.hpp"

#include <algorithm>
#include <bit>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include "synfire/simd.hpp"

namespace synfire {
namespace {

constexpr std::uint32_t pairs = RowPlan::columns / 2;  // of floats that a sum has in the table
constexpr std::uint64_t lowest_of_groups = 0x1111111111111111u;

// The lowest bit of every group of which there is any.
SYNFIRE_INLINE std::uint64_t groups_of(std::uint64_t bits) {
    bits |= bits >> 1;
    bits |= bits >> 2;
    return bits & lowest_of_groups;
}

SYNFIRE_INLINE std::uint32_t count_of(std::uint64_t bits) {
    return static_cast<std::uint32_t>(__builtin_popcountll(bits));
}

// Appends the terms of a word of bits, that of the rows from `first` on.
template <bool Grouped>
std::uint16_t* list_word(std::uint64_t bits, std::uint32_t first, std::uint16_t* term) {
    constexpr std::uint32_t group = RowPlan::group, sums = RowPlan::sums;
    for (std::uint64_t left = Grouped ? groups_of(bits) : bits; left != 0; left &= left - 1) {
        const auto k = static_cast<std::uint32_t>(std::countr_zero(left));
        const std::uint32_t sum =
            (first + k) * (sums / group) + static_cast<std::uint32_t>(bits >> k) % sums;
        *term++ = static_cast<std::uint16_t>(Grouped ? sum * pairs : first + k);
    }
    return term;
}

#if defined(__x86_64__)
// The same for groups, without a branch that depends on the bits. May write 16 elements from where
// it ends on. Masks are all ones where they choose nothing: GCC 12 warns of the forms without one.
SYNFIRE_TARGET_AVX512 SYNFIRE_INLINE std::uint16_t* list_groups_avx512(std::uint64_t bits,
                                                                       std::uint32_t first,
                                                                       std::uint16_t* term) {
    constexpr __mmask16 every = 0xffff;
    const __m512i lanes = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    const __m512i halves = _mm512_maskz_permutexvar_epi32(
        every, _mm512_setr_epi32(0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1),
        _mm512_set1_epi64(static_cast<long long>(bits)));
    const __m512i groups = _mm512_and_si512(
        _mm512_maskz_srlv_epi32(
            every, halves,
            _mm512_setr_epi32(0, 4, 8, 12, 16, 20, 24, 28, 0, 4, 8, 12, 16, 20, 24, 28)),
        _mm512_set1_epi32(15));
    const __mmask16 mask = _mm512_test_epi32_mask(groups, groups);
    const __m512i first_sums = _mm512_add_epi32(
        _mm512_maskz_slli_epi32(every, lanes, 4),
        _mm512_set1_epi32(static_cast<int>(first * (RowPlan::sums / RowPlan::group))));
    static_assert(pairs == 16);
    const __m512i numbers = _mm512_maskz_slli_epi32(every, _mm512_add_epi32(groups, first_sums), 4);
    _mm256_storeu_si256(
        reinterpret_cast<__m256i*>(term),
        _mm512_maskz_cvtepi32_epi16(every, _mm512_maskz_compress_epi32(mask, numbers)));
    return term + count_of(mask);
}

SYNFIRE_TARGET_AVX512 void list_groups_avx512(std::span<const RowPlan::Sum> listed,
                                              const std::uint64_t* bits, std::size_t step,
                                              std::uint32_t words, std::uint16_t* term) {
    for (const RowPlan::Sum& sum : listed)
        for (std::uint32_t w = 0; w < words; ++w)
            term = list_groups_avx512(bits[w * step + sum.number], w * 64, term);
}
#endif

}  // namespace

void RowPlan::begin(std::span<float* const> to, std::uint32_t rows) {
    to_ = to;
    rows_ = rows;
    bits_.assign((rows + 63) / 64 * to.size(), 0);
}

void RowPlan::finish(bool all) {
    const Additions in_groups = count_additions<true>();
    row_additions_ = in_groups.rows;
    // A sum costs about what a term does.
    const std::uint32_t groups = (rows_ + group - 1) / group;
    grouped_ = in_groups.terms + std::uint64_t{sums} * groups < row_additions_;
    if (!grouped_) count_additions<false>();
    order(all);
    constexpr std::size_t written_beyond = 16;
    if (terms_.size() < row_additions_ + written_beyond)
        terms_.resize(row_additions_ + written_beyond);
    if (grouped_)
        list_terms<true>();
    else
        list_terms<false>();
}

// Terms of every sum, into counts_; returns what all of them have.
template <bool Grouped>
RowPlan::Additions RowPlan::count_additions() {
    const std::size_t count = to_.size();
    counts_.assign(count, 0);
    Additions all;
    simd::run([&]() SYNFIRE_INLINE_LAMBDA {
        for (std::size_t w = 0; w < bits_.size(); w += count)
            for (std::size_t s = 0; s < count; ++s) {
                const std::uint64_t word = bits_[w + s];
                counts_[s] += count_of(Grouped ? groups_of(word) : word);
                all.rows += count_of(word);
            }
        for (const std::uint32_t terms : counts_) all.terms += terms;
    });
    return all;
}

void RowPlan::order(bool all) {
    std::uint32_t most = 0;
    for (const std::uint32_t terms : counts_) most = std::max(most, terms);
    begin_.assign(most + 2, 0);
    for (const std::uint32_t terms : counts_) ++begin_[terms + 1];
    if (!all) begin_[1] = 0;
    runs_.clear();
    for (std::uint32_t n = 0; n <= most; ++n) {
        if (begin_[n + 1] > 0) runs_.push_back({n, begin_[n + 1]});
        begin_[n + 1] += begin_[n];
    }
    const std::size_t count = begin_[most + 1];
    listed_.resize(count + beyond);
    for (std::uint32_t s = 0; s < counts_.size(); ++s)
        if (all || counts_[s] > 0) listed_[begin_[counts_[s]]++] = {to_[s], s};
    for (std::size_t k = 0; k < beyond; ++k) listed_[count + k] = count > 0 ? listed_[0] : Sum{};
}

template <bool Grouped>
void RowPlan::list_terms() {
    const std::uint32_t words = (rows_ + 63) / 64;
#if defined(__x86_64__)
    if (Grouped && simd::isa() == simd::Isa::avx512)
        return list_groups_avx512(listed(), bits_.data(), to_.size(), words, terms_.data());
#endif
    std::uint16_t* term = terms_.data();
    for (const Sum& sum : listed())
        for (std::uint32_t w = 0; w < words; ++w)
            term = list_word<Grouped>(bits_[w * to_.size() + sum.number], w * 64, term);
}

}  // namespace synfire
