#include "kernels/grouped_weights.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "base/random.hpp"

using namespace synfire;

namespace {

constexpr std::uint32_t source_count = 103, target_count = 150;

}  // namespace

TEST_CASE("a table of sums brings what the rows of weights bring") {
    Random random(1, Stream::weights, 0, 0);
    Matrix weights(source_count, target_count);
    for (std::uint32_t j = 0; j < source_count; ++j)
        for (float& w : weights.values(j)) w = random.uniform(-1, 1);
    // Neurons 0, 3, 6, ... fire often, the others seldom.
    std::vector<std::uint32_t> counts(source_count);
    for (std::uint32_t j = 0; j < source_count; ++j) counts[j] = j % 3 == 0 ? 400 + j : j % 5;

    GroupedWeights grouped;
    CHECK(grouped.empty());
    for (int again = 0; again < 2; ++again) {
        grouped.choose(counts, 1000, 100000, target_count);
        REQUIRE(!grouped.empty());
        for (std::size_t part = 0; part < grouped.part_count(); ++part) grouped.fill(weights, part);
        for (const float probability : {0.0f, 0.1f, 0.6f, 1.0f}) {
            std::vector<std::uint32_t> spikes;
            std::vector<double> expected(target_count, 0.5);
            for (std::uint32_t j = 0; j < source_count; ++j)
                if (random.uniform() < probability) {
                    spikes.push_back(j);
                    for (std::uint32_t i = 0; i < target_count; ++i)
                        expected[i] += double{weights.row(j)[i]};
                }
            AlignedVector<float> input(padded(target_count), 0.5f);
            grouped.deliver(spikes, input.data());
            for (std::uint32_t i = 0; i < target_count; ++i)
                CHECK(std::fabs(double{input[i]} - expected[i]) < 1e-4);
        }
        // Another choice, of more groups than the table had room for.
        std::ranges::fill(counts, 500u);
    }
    grouped.clear();
    CHECK(grouped.empty());
}

TEST_CASE("nothing is grouped where nothing would be gained") {
    GroupedWeights grouped;
    const std::vector<std::uint32_t> seldom(source_count, 20), often(source_count, 300);
    grouped.choose(seldom, 1000, 100000, target_count);
    CHECK(grouped.empty());
    grouped.choose(often, 1000, 20, target_count);  // the table would serve too few ticks
    CHECK(grouped.empty());
    grouped.choose(often, 1000, 100000, target_count);
    CHECK(!grouped.empty());
}
