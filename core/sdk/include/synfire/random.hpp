// Random numbers of neurons by counter: Philox4x32-10 (Salmon et al., SC 2011), 64 at once, so that
// the compiler maps it to vectors. A number is a function of (seed, tick, neuron) alone: the same
// whatever thread draws it, in whatever order, on every instruction set.
#pragma once

#include <cstddef>
#include <cstdint>

#include "simd.hpp"

namespace synfire::random {

constexpr std::uint32_t block = 64;  // neurons of one call

// out[k] = 32 uniform bits of neuron number * 64 + k at the tick.
SYNFIRE_INLINE void draw_block(std::uint64_t seed, std::int64_t tick, std::uint32_t number,
                               std::uint32_t* out) {
    constexpr std::size_t lanes = 16;
    std::uint32_t a[lanes], b[lanes], c[lanes], d[lanes];
    for (std::size_t l = 0; l < lanes; ++l) {
        a[l] = number * static_cast<std::uint32_t>(lanes) + static_cast<std::uint32_t>(l);
        b[l] = 0x9e3779b9u;  // apart from every stream of the host
        c[l] = static_cast<std::uint32_t>(tick);
        d[l] = static_cast<std::uint32_t>(static_cast<std::uint64_t>(tick) >> 32);
    }
    std::uint32_t key0 = static_cast<std::uint32_t>(seed);
    std::uint32_t key1 = static_cast<std::uint32_t>(seed >> 32);
    for (int round = 0; round < 10; ++round) {
        for (std::size_t l = 0; l < lanes; ++l) {
            const std::uint64_t p = std::uint64_t{0xD2511F53u} * a[l];
            const std::uint64_t q = std::uint64_t{0xCD9E8D57u} * c[l];
            a[l] = static_cast<std::uint32_t>(q >> 32) ^ b[l] ^ key0;
            c[l] = static_cast<std::uint32_t>(p >> 32) ^ d[l] ^ key1;
            b[l] = static_cast<std::uint32_t>(q);
            d[l] = static_cast<std::uint32_t>(p);
        }
        key0 += 0x9E3779B9u;
        key1 += 0xBB67AE85u;
    }
    for (std::size_t l = 0; l < lanes; ++l) {
        out[l] = a[l];
        out[lanes + l] = b[l];
        out[2 * lanes + l] = c[l];
        out[3 * lanes + l] = d[l];
    }
}

}  // namespace synfire::random
