#include "engine/noise.hpp"

#include <algorithm>
#include <cmath>

#include "synfire/random.hpp"

namespace synfire {

Noise::Noise(double events_a_tick, double weight) : weight_(weight) {
    // P(at most k events), until what is left is below the resolution of the bits.
    double term = std::exp(-events_a_tick), sum = term;
    for (int k = 1; sum < 1 - 0x1p-32 && k < 1000; ++k) {
        below_.push_back(static_cast<std::int32_t>(std::min(sum * 0x1p31, 0x1p31 - 1)) - 1);
        term *= events_a_tick / k;
        sum += term;
    }
}

std::uint64_t Noise::draw(std::uint64_t seed, std::int64_t tick, std::uint32_t first,
                          std::uint32_t count, double* input) const {
    std::uint64_t total = 0;
    const double weight = weight_;
    simd::run([&]() SYNFIRE_INLINE_LAMBDA {
        typedef std::int32_t Count __attribute__((vector_size(64)));
        for (std::uint32_t at = 0; at < count; at += random::block) {
            random::Word bits[4];
            random::draw_block(seed, tick, (first + at) / random::block, bits);
            // 31 bits, so that the sign of a difference tells which is larger.
            Count events[4] = {}, number[4];
            for (int v = 0; v < 4; ++v) number[v] = reinterpret_cast<Count>(bits[v] >> 1);
            for (const std::int32_t below : below_)
                for (int v = 0; v < 4; ++v) events[v] -= (below - number[v]) >> 31;
            const std::uint32_t length = std::min(random::block, count - at);
            alignas(64) std::int32_t each[random::block];
            for (int v = 0; v < 4; ++v)
                *reinterpret_cast<Count*>(each + v * random::lanes) = events[v];
            double* __restrict to = input + at;
            std::int32_t sum = 0;
            for (std::uint32_t k = 0; k < length; ++k) {
                to[k] = weight * static_cast<double>(each[k]);
                sum += each[k];
            }
            total += static_cast<std::uint64_t>(sum);
        }
    });
    return total;
}

}  // namespace synfire
