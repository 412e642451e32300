#include "topologies/bit_rows.hpp"

#include <algorithm>
#include <atomic>
#include <numeric>

#include "base/workers.hpp"
#include "synfire/simd.hpp"

namespace synfire {
namespace {

constexpr int most_planes = 8;
constexpr std::size_t most_sources = 248;  // at once: counts fit a byte

// As many bits as the instruction set's vectors have.
template <std::size_t Bytes>
struct BitVector {
    typedef std::uint64_t Type __attribute__((vector_size(Bytes), may_alias));
};

// sum, carry = a + b + c, bit by bit.
template <class Bits>
SYNFIRE_INLINE void full_add(Bits& sum, Bits& carry, const Bits& a, const Bits& b, const Bits& c) {
    // sum may be one of the others.
    const Bits half = a ^ b;
    carry = (a & b) | (half & c);
    sum = half ^ c;
}

template <class Bits>
struct Planes {
    Bits plane[most_planes];
    int used;
};

// The number of rows with a bit at each of a vector's places, as planes of binary digits.
template <class Bits>
SYNFIRE_INLINE void count_block(Planes<Bits>& planes, const std::uint64_t* first_row,
                                std::size_t words, std::span<const std::uint32_t> sources) {
    const Bits zero = {};
    for (int p = 0; p < planes.used; ++p) planes.plane[p] = zero;
    auto row = [&](std::size_t k) SYNFIRE_INLINE_LAMBDA -> const Bits& {
        return k < sources.size() ? *reinterpret_cast<const Bits*>(first_row + sources[k] * words)
                                  : zero;
    };
    Bits ones = zero, twos = zero, fours = zero;
    for (std::size_t k = 0; k < sources.size(); k += 8) {
        Bits two_a, two_b, four_a, four_b, eights;
        full_add(ones, two_a, ones, row(k), row(k + 1));
        full_add(ones, two_b, ones, row(k + 2), row(k + 3));
        full_add(twos, four_a, twos, two_a, two_b);
        full_add(ones, two_a, ones, row(k + 4), row(k + 5));
        full_add(ones, two_b, ones, row(k + 6), row(k + 7));
        full_add(twos, four_b, twos, two_a, two_b);
        full_add(fours, eights, fours, four_a, four_b);
        for (int p = 3; p < planes.used; ++p) {
            const Bits carry = planes.plane[p] & eights;
            planes.plane[p] ^= eights;
            eights = carry;
        }
    }
    planes.plane[0] = ones;
    if (planes.used > 1) planes.plane[1] = twos;
    if (planes.used > 2) planes.plane[2] = fours;
}

// 32 bytes: the widest vector whose bytes AVX2 can shuffle and compare.
typedef std::uint8_t Bytes __attribute__((vector_size(32), may_alias));
typedef std::uint64_t Words __attribute__((vector_size(32), may_alias));

// A byte a bit of a half of the word: 255 where the bit is set, else 0.
template <int half>
SYNFIRE_INLINE void spread(std::uint64_t word, Bytes& set) {
    const Words everywhere = {word, word, word, word};
    const auto bytes = reinterpret_cast<Bytes>(everywhere);
    Bytes places;
    if constexpr (half == 0)
        places =
            __builtin_shufflevector(bytes, bytes, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1,
                                    18, 18, 18, 18, 18, 18, 18, 18, 19, 19, 19, 19, 19, 19, 19, 19);
    else
        places =
            __builtin_shufflevector(bytes, bytes, 4, 4, 4, 4, 4, 4, 4, 4, 5, 5, 5, 5, 5, 5, 5, 5,
                                    22, 22, 22, 22, 22, 22, 22, 22, 23, 23, 23, 23, 23, 23, 23, 23);
    const Words digits = Words{} + 0x8040201008040201ull;
    set = reinterpret_cast<Bytes>((places & reinterpret_cast<const Bytes&>(digits)) != 0);
}

template <int half>
SYNFIRE_INLINE void count_half(const std::uint64_t* word, int planes, std::uint8_t* each) {
    Bytes number = {}, set;
    for (int p = 0; p < planes; ++p) {
        spread<half>(word[p], set);
        const auto digit = static_cast<std::uint8_t>(1u << p);
        number += set & digit;
    }
    *reinterpret_cast<Bytes*>(each + 32 * half) = number;
}

// input += weight * count over the first `count` places of a vector.
template <class Bits>
SYNFIRE_INLINE void add_block(const Planes<Bits>& planes, double weight, double* input,
                              std::size_t count) {
    for (std::size_t w = 0; w * 64 < count; ++w) {
        std::uint64_t word[most_planes], any = 0;
        for (int p = 0; p < planes.used; ++p) any |= word[p] = planes.plane[p][w];
        if (any == 0) continue;
        alignas(64) std::uint8_t each[64];
        count_half<0>(word, planes.used, each);
        count_half<1>(word, planes.used, each);
        double* __restrict at = input + w * 64;
        const std::size_t length = std::min<std::size_t>(64, count - w * 64);
        for (std::size_t b = 0; b < length; ++b)
            at[b] += weight * static_cast<double>(static_cast<std::int32_t>(each[b]));
    }
}

}  // namespace

BitRows::BitRows(const ConnectionDraw& draw)
    : words_((draw.post_count + block - 1) / block * (block / 64)),
      bits_(draw.pre_count * words_),
      again_begin_(draw.pre_count + 1),
      degrees_(draw.pre_count) {
    // Blocks of drawers whose bits lie in different words.
    struct Pair {
        std::uint32_t source, target;
    };
    const std::uint32_t at_once = draw.by_target() ? block : 256;
    const std::uint32_t blocks = (draw.drawers() + at_once - 1) / at_once;
    std::vector<std::vector<Pair>> again(blocks);
    in_parallel(blocks, [&](std::size_t number) {
        const auto b = static_cast<std::uint32_t>(number);
        std::vector<bool> taken;
        std::vector<std::uint32_t> partners;
        const std::uint32_t end = std::min(draw.drawers(), (b + 1) * at_once);
        for (std::uint32_t drawer = b * at_once; drawer < end; ++drawer) {
            draw.draw(drawer, taken, partners);
            for (const std::uint32_t partner : partners) {
                const Pair pair = draw.by_target() ? Pair{partner, drawer} : Pair{drawer, partner};
                std::uint64_t& word = bits_[pair.source * words_ + pair.target / 64];
                const std::uint64_t bit = std::uint64_t{1} << (pair.target % 64);
                if (word & bit) again[b].push_back(pair);
                word |= bit;
            }
        }
    });
    for (const auto& pairs : again)
        for (const Pair& pair : pairs) ++again_begin_[pair.source + 1];
    std::partial_sum(again_begin_.begin(), again_begin_.end(), again_begin_.begin());
    again_.resize(again_begin_.back());
    std::vector<std::uint32_t> next(again_begin_.begin(), again_begin_.end() - 1);
    for (const auto& pairs : again)
        for (const Pair& pair : pairs) again_[next[pair.source]++] = pair.target;
    for (std::uint32_t j = 0; j < draw.pre_count; ++j) {
        std::sort(again_.begin() + again_begin_[j], again_.begin() + again_begin_[j + 1]);
        degrees_[j] = again_begin_[j + 1] - again_begin_[j];
        for (std::size_t w = 0; w < words_; ++w)
            degrees_[j] += static_cast<std::uint32_t>(__builtin_popcountll(bits_[j * words_ + w]));
        count_ += degrees_[j];
    }
}

void BitRows::add(std::span<const std::uint32_t> sources, double weight, double* input,
                  std::uint32_t begin, std::uint32_t end) const {
    simd::run([&](auto width) SYNFIRE_INLINE_LAMBDA {
        constexpr std::uint32_t places = width * 8;
        for (std::size_t first = 0; first < sources.size(); first += most_sources) {
            const auto some =
                sources.subspan(first, std::min(most_sources, sources.size() - first));
            Planes<typename BitVector<width>::Type> planes;
            planes.used = 64 - __builtin_clzll(some.size());
            for (std::uint32_t at = begin; at < end; at += places) {
                count_block(planes, bits_.data() + at / 64, words_, some);
                add_block(planes, weight, input + (at - begin),
                          std::min<std::size_t>(places, end - at));
            }
        }
    });
    for (const std::uint32_t j : sources) {
        const auto* last = again_.data() + again_begin_[j + 1];
        const auto* first = again_.data() + again_begin_[j];
        if (begin > 0) first = std::lower_bound(first, last, begin);
        for (; first != last && *first < end; ++first) input[*first - begin] += weight;
    }
}

std::size_t BitRows::bytes() const {
    return bits_.size() * sizeof(std::uint64_t) +
           (again_.size() + again_begin_.size() + degrees_.size()) * sizeof(std::uint32_t);
}

}  // namespace synfire
