#include <Random123/threefry.h>
#include <doctest/doctest.h>

#include <cmath>

#include "base/random.hpp"
#include "synfire/random.hpp"

using namespace synfire;

TEST_CASE("numbers depend on seed, stream and indices only") {
    auto first = [](std::uint64_t seed, Stream stream, std::uint32_t a, std::uint32_t b) {
        return Random(seed, stream, a, b).bits();
    };
    const std::uint32_t value = first(1, Stream::weights, 2, 3);
    CHECK(first(1, Stream::weights, 2, 3) == value);
    CHECK(first(2, Stream::weights, 2, 3) != value);
    CHECK(first(1ull << 40, Stream::weights, 2, 3) != first(0, Stream::weights, 2, 3));
    CHECK(first(1, Stream::feedback, 2, 3) != value);
    CHECK(first(1, Stream::weights, 3, 2) != value);
}

TEST_CASE("the generator is Philox4x32-10: Random123's known answer for zeros") {
    const auto block = r123::Philox4x32{}({{0, 0, 0, 0}}, {{0, 0}});
    CHECK(block[0] == 0x6627e8d5);
    CHECK(block[3] == 0x9b00dbd8);
}

TEST_CASE("moments of the distributions") {
    Random random(5, Stream::weights, 0, 0);
    double sum = 0, squares = 0, uniform = 0;
    constexpr int n = 100000;
    for (int i = 0; i < n; ++i) {
        const double x = random.normal();
        sum += x;
        squares += x * x;
        const float u = random.uniform();
        CHECK_UNARY(u >= 0 && u < 1);
        uniform += u;
    }
    CHECK(std::fabs(sum / n) < 0.015);
    CHECK(squares / n == doctest::Approx(1).epsilon(0.02));
    CHECK(uniform / n == doctest::Approx(0.5).epsilon(0.01));
    int seen[5] = {};
    for (int i = 0; i < 5000; ++i) ++seen[random.around(2) + 2];
    for (const int count : seen) CHECK(count > 850);
}

TEST_CASE("random bits of neurons are those of Random123's Threefry4x32-12") {
    using Cipher = r123::Threefry4x32_R<12>;
    for (const std::uint64_t seed : {0ull, 0x123456789abcdefull})
        for (const std::int64_t tick : {0ll, 77ll, 1ll << 40})
            for (const std::uint32_t number : {0u, 3u, 100000u}) {
                alignas(64) std::uint32_t bits[random::block], narrow[2][random::block];
                random::draw_block<64>(seed, tick, number, bits);
                random::draw_block<32>(seed, tick, number, narrow[0]);
                random::draw_block<16>(seed, tick, number, narrow[1]);
                for (const auto& other : narrow) CHECK(std::ranges::equal(bits, other));
                for (std::uint32_t k = 0; k < random::block; ++k) {
                    const Cipher::key_type key = {
                        {static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32),
                         static_cast<std::uint32_t>(tick), static_cast<std::uint32_t>(tick >> 32)}};
                    const Cipher::ctr_type counter = {{number * 16 + k % 16, 0, 0, 0}};
                    CHECK(bits[k] == Cipher{}(counter, key)[k / 16]);
                }
            }
}
