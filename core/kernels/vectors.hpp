// Vectors of floats, as wide as the instruction set has them: simd::run tells a body how many bytes
// that is. Wider ones would be taken apart by the compiler, through memory.
#pragma once

#include <cstddef>
#include <numeric>
#include <type_traits>

#include "synfire/simd.hpp"

namespace synfire::vectors {

// For addresses on boundaries of so many bytes.
template <std::size_t Bytes>
struct Floats {
    typedef float Vector __attribute__((vector_size(Bytes), may_alias));
    static constexpr std::size_t lanes = Bytes / sizeof(float);
};
template <std::size_t Bytes>
using Vector = typename Floats<Bytes>::Vector;

template <std::size_t Bytes>
SYNFIRE_INLINE Vector<Bytes>& at(float* p) {
    return *reinterpret_cast<Vector<Bytes>*>(p);
}
template <std::size_t Bytes>
SYNFIRE_INLINE const Vector<Bytes>& at(const float* p) {
    return *reinterpret_cast<const Vector<Bytes>*>(p);
}

// For any address: the member of a packed struct may lie anywhere.
template <std::size_t Lanes>
struct Loose {
    typedef float Type __attribute__((vector_size(Lanes * 4)));
    Type v;
} __attribute__((packed, may_alias));
template <>
struct Loose<1> {
    float v;
} __attribute__((packed, may_alias));

template <std::size_t Lanes>
SYNFIRE_INLINE Loose<Lanes>& loose(float* p) {
    return *reinterpret_cast<Loose<Lanes>*>(p);
}
template <std::size_t Lanes>
SYNFIRE_INLINE const Loose<Lanes>& loose(const float* p) {
    return *reinterpret_cast<const Loose<Lanes>*>(p);
}

// A number of lanes or of vectors that the compiler knows.
template <std::size_t N>
using Width = std::integral_constant<std::size_t, N>;

// body(Width<N>, c), body(Width<4>, c) and body(Width<1>, c) over 0 <= c < count, which is cut into
// whole vectors of N lanes first and single elements last.
template <std::size_t Bytes, class Body>
SYNFIRE_INLINE void cut(std::size_t count, Body&& body) {
    constexpr std::size_t lanes = Floats<Bytes>::lanes;
    std::size_t c = 0;
    for (; c + lanes <= count; c += lanes) body(Width<lanes>{}, c);
    for (; c + 4 <= count; c += 4) body(Width<4>{}, c);
    for (; c < count; ++c) body(Width<1>{}, c);
}

// body(Width<N>, Width<V>, c) over 0 <= c < count, cut as above, with V vectors at a time: Most, so
// many that they hide the latency of additions, as long as they last, then two, then one.
template <std::size_t Bytes, std::size_t Most, class Body>
SYNFIRE_INLINE void in_tiles(std::size_t count, Body&& body) {
    constexpr std::size_t lanes = Floats<Bytes>::lanes;
    std::size_t c = 0;
    for (; c + Most * lanes <= count; c += Most * lanes) body(Width<lanes>{}, Width<Most>{}, c);
    for (; c + 2 * lanes <= count; c += 2 * lanes) body(Width<lanes>{}, Width<2>{}, c);
    cut<Bytes>(count - c, [&](auto width, std::size_t at)
                              SYNFIRE_INLINE_LAMBDA { body(width, Width<1>{}, c + at); });
}

// Vectors is a multiple of Step, at most N.
template <std::size_t N, std::size_t Step, class Body>
SYNFIRE_INLINE void last_block(std::size_t vectors, std::size_t c, Body&& body) {
    if (vectors == N) return body(Width<N>{}, c);
    if constexpr (N > Step) last_block<N - Step, Step>(vectors, c, body);
}

// body(Width<N>, c) over the columns 0 <= c < width (a multiple of 16) in blocks of N whole
// vectors: of Most as long as they last, then one of what is left, so that no block is too narrow
// to hide the latency of its additions. Only the N that can be left are compiled: narrow vectors
// come in twos or fours.
template <std::size_t Bytes, std::size_t Most, class Body>
SYNFIRE_INLINE void in_blocks(std::size_t width, Body&& body) {
    constexpr std::size_t lanes = Floats<Bytes>::lanes;
    std::size_t c = 0;
    for (; c + Most * lanes <= width; c += Most * lanes) body(Width<Most>{}, c);
    constexpr std::size_t step = std::gcd(64 / Bytes, Most);
    if constexpr (Most > step)
        if (c < width) last_block<Most - step, step>((width - c) / lanes, c, body);
}

}  // namespace synfire::vectors
