#include "engine/noise.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <span>

#include "synfire/random.hpp"

namespace synfire {

namespace {

// Up to here 31 bits would leave more than a millionth of the mean out.
constexpr double few = 0x1p-8;

}  // namespace

Noise::Noise(double events_a_tick, double weight) : weight_(weight) {
    if (events_a_tick < few) {
        // P(more than k events) in units of 2^-31, and what that leaves in units of 2^-63.
        double first = std::exp(-events_a_tick);
        for (int k = 0; k < most_fine; ++k) {
            first *= events_a_tick / (k + 1);
            double more = 0, term = first;
            for (int j = k + 2; j < k + 10; ++j) {
                more += term;
                term *= events_a_tick / j;
            }
            if (more <= 0x1p-33 * events_a_tick) break;  // no part of the mean
            const double units = more * 0x1p31, whole = std::floor(units);
            const double rest = std::floor((units - whole) * 0x1p32);
            below_.push_back(0x7fffffff - static_cast<std::int32_t>(whole));
            rest_.push_back(static_cast<std::uint32_t>(rest));
        }
        return;
    }
    // P(at most k events), until what is left is below the resolution of the bits.
    double term = std::exp(-events_a_tick), sum = term;
    for (int k = 1; sum < 1 - 0x1p-32 && k < 1000; ++k) {
        below_.push_back(static_cast<std::int32_t>(std::min(sum * 0x1p31, 0x1p31 - 1)) - 1);
        term *= events_a_tick / k;
        sum += term;
    }
}

double Noise::mean() const {
    double sum = 0;
    for (std::size_t k = 0; k < below_.size(); ++k)
        sum += 0x1p31 - 1 - below_[k] + (rest_.empty() ? 0 : rest_[k] * 0x1p-32);
    return sum * 0x1p-31;
}

std::uint64_t Noise::draw(std::uint64_t seed, std::int64_t tick, std::uint32_t first,
                          std::uint32_t count, double* input) const {
    std::uint64_t total = 0;
    const double weight = weight_;
    simd::run([&](auto width) SYNFIRE_INLINE_LAMBDA {
        typedef std::int32_t Count __attribute__((vector_size(decltype(width)::value), may_alias));
        using Word = typename random::Words<width>::Type;
        constexpr std::uint32_t lanes = width / sizeof(std::int32_t);
        // As many vectors at once as keep the registers busy.
        constexpr std::uint32_t at_once = 4 * lanes;
        for (std::uint32_t at = 0; at < count; at += random::block) {
            alignas(64) std::uint32_t bits[random::block];
            const std::uint32_t block = (first + at) / random::block;
            random::draw_block<width>(seed, tick, block, bits);
            std::span<const std::int32_t> limits = below_;
            std::array<std::int32_t, most_fine> fine;
            if (!rest_.empty()) {
                const std::uint32_t shared = random::draw_shared(seed, tick, block);
                for (std::size_t k = 0; k < rest_.size(); ++k)
                    fine[k] = below_[k] - (shared < rest_[k] ? 1 : 0);
                limits = {fine.data(), rest_.size()};
            }
            alignas(64) std::int32_t each[random::block];
            for (std::uint32_t part = 0; part < random::block; part += at_once) {
                // 31 bits, so that the sign of a difference tells which is larger.
                Count events[4] = {}, number[4];
                for (std::uint32_t v = 0; v < 4; ++v)
                    number[v] = (Count)(reinterpret_cast<const Word&>(bits[part + v * lanes]) >> 1);
                for (const std::int32_t below : limits)
                    for (int v = 0; v < 4; ++v) events[v] -= (below - number[v]) >> 31;
                for (std::uint32_t v = 0; v < 4; ++v)
                    reinterpret_cast<Count&>(each[part + v * lanes]) = events[v];
            }
            const std::uint32_t length = std::min(random::block, count - at);
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
