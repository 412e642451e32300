// Random numbers of neurons by counter: Threefry4x32-12 (Salmon et al., SC 2011; Random123), 64 at
// once in vectors, since it needs nothing but additions, rotations and exclusive ors. A
// number is a function of (seed, tick, neuron) alone: the same whatever thread draws it, in
// whatever order, on every instruction set.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "simd.hpp"

namespace synfire::random {

constexpr std::uint32_t block = 64;  // neurons of one call
constexpr std::uint32_t lanes = 16;  // counters of one call

template <std::size_t Bytes>
struct Words {
    typedef std::uint32_t Type __attribute__((vector_size(Bytes), may_alias));
};

template <int bits, class Word>
SYNFIRE_INLINE void rotate(Word& x) {
    x = (x << bits) | (x >> (32 - bits));
}

// Two of the cipher's rounds: additions, and rotations by r0 .. r3.
template <int r0, int r1, int r2, int r3, class Word>
SYNFIRE_INLINE void mix(Word (&x)[4]) {
    x[0] += x[1];
    rotate<r0>(x[1]);
    x[1] ^= x[0];
    x[2] += x[3];
    rotate<r1>(x[3]);
    x[3] ^= x[2];
    x[0] += x[3];
    rotate<r2>(x[3]);
    x[3] ^= x[0];
    x[2] += x[1];
    rotate<r3>(x[1]);
    x[1] ^= x[2];
}

// out[k] = 32 uniform bits of neuron number * 64 + k at the tick: with the key (seed, tick), word k
// / 16 of the cipher's answer to the counter (number * 16 + k % 16, 0, 0, 0). In vectors of so many
// bytes; out begins on a boundary of 64.
template <std::size_t Bytes>
SYNFIRE_INLINE void draw_block(std::uint64_t seed, std::int64_t tick, std::uint32_t number,
                               std::uint32_t* out) {
    using Word = typename Words<Bytes>::Type;
    constexpr std::uint32_t width = Bytes / sizeof(std::uint32_t);
    const auto t = static_cast<std::uint64_t>(tick);
    std::uint32_t key[5] = {static_cast<std::uint32_t>(seed),
                            static_cast<std::uint32_t>(seed >> 32), static_cast<std::uint32_t>(t),
                            static_cast<std::uint32_t>(t >> 32), 0};
    key[4] = 0x1BD11BDAu ^ key[0] ^ key[1] ^ key[2] ^ key[3];
    Word lane;
    for (std::uint32_t i = 0; i < width; ++i) lane[i] = i;
    for (std::uint32_t first = 0; first < lanes; first += width) {
        Word x[4] = {};
        x[0] = lane + (number * lanes + first + key[0]);
        for (int i = 1; i < 4; ++i) x[i] += key[i];
        auto inject = [&](std::uint32_t n) SYNFIRE_INLINE_LAMBDA {
            for (std::uint32_t i = 0; i < 4; ++i) x[i] += key[(i + n) % 5];
            x[3] += n;
        };
        mix<10, 26, 11, 21>(x);
        mix<13, 27, 23, 5>(x);
        inject(1);
        mix<6, 20, 17, 11>(x);
        mix<25, 10, 18, 20>(x);
        inject(2);
        mix<10, 26, 11, 21>(x);
        mix<13, 27, 23, 5>(x);
        inject(3);
        for (std::uint32_t i = 0; i < 4; ++i)
            *reinterpret_cast<Word*>(out + i * lanes + first) = x[i];
    }
}

// 32 uniform bits that the neurons of a block share at a tick, for what their own leave undecided
// (a chance finer than 2^-32). SplitMix64 (Steele, Lea and Flood, OOPSLA 2014) of the same key.
SYNFIRE_INLINE std::uint32_t draw_shared(std::uint64_t seed, std::int64_t tick,
                                         std::uint32_t number) {
    auto scramble = [](std::uint64_t x) {
        x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
        x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
        return x ^ (x >> 31);
    };
    const std::uint64_t key =
        scramble(seed + 0x9E3779B97F4A7C15u * static_cast<std::uint64_t>(tick));
    return static_cast<std::uint32_t>(scramble(key + 0x9E3779B97F4A7C15u * number) >> 32);
}

// A chance to 64 bits, by comparing a neuron's own bits with the first 32 of it; where the other 32
// exceed the shared bits there is one value more below it. 1 is taken as 1 - 2^-32.
struct Chance {
    std::uint32_t below = 0, rest = 0;

    constexpr Chance() = default;
    // 0 <= p <= 1
    explicit constexpr Chance(double p) {
        const double scaled = std::min(p * 0x1p32, 0x1p32 - 1);
        below = static_cast<std::uint32_t>(scaled);
        rest = static_cast<std::uint32_t>((scaled - below) * 0x1p32);
    }
    constexpr double value() const { return below * 0x1p-32 + rest * 0x1p-64; }
    SYNFIRE_INLINE bool happens(std::uint32_t own, std::uint32_t shared) const {
        return own < below + (shared < rest ? 1u : 0u);
    }
};

}  // namespace synfire::random
