// Convolutions of many shapes and activities, bit by bit against their definition: sums are formed
// in one order, however the kernel goes about it.
#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "base/random.hpp"
#include "kernels/convolution.hpp"

using namespace synfire;

namespace {

struct ConvolutionCase {
    ConvolutionShape shape;
    double share;  // of neurons that fire, and of signals that are not 0
};

std::vector<ConvolutionCase> convolution_cases() {
    std::vector<ConvolutionCase> list;
    const std::uint32_t channels[] = {1, 2, 16, 20, 64, 70, 130};
    Random random(11, Stream::scene, 0, 0);
    for (int n = 0; n < 60; ++n) {
        ConvolutionShape s{};
        s.kernel = 1 + random.below(4);
        s.stride = 1 + random.below(2);
        s.padding = random.below(s.kernel);
        s.transposed = n % 3 == 2;
        auto extent = [&] { return std::max(s.kernel, s.stride) + random.below(7); };
        auto target = [&](std::uint32_t source) {
            return s.transposed ? (source - 1) * s.stride + s.kernel - 2 * s.padding + n % s.stride
                                : (source + 2 * s.padding - s.kernel) / s.stride + 1;
        };
        s.in = {channels[random.below(7)], extent(), extent()};
        s.out = {channels[random.below(7)], target(s.in.rows), target(s.in.columns)};
        constexpr double shares[] = {0, 0.02, 0.1, 0.5, 0.9, 1};
        list.push_back({s, shares[n % 6]});
    }
    // Weights that no cache holds.
    for (const double share : {0.02, 0.3})
        for (const bool transposed : {false, true})
            list.push_back({{{512, 3, 4}, {256, 3, 4}, 3, 1, 1, transposed}, share});
    return list;
}

// visit(source pixel, target pixel, offset) for all pairs: by target pixel, then by source pixel.
template <class Visit>
void for_each_pair(const ConvolutionShape& s, Visit visit) {
    auto offset_of = [&](std::uint32_t source, std::uint32_t target) {
        const std::int64_t at =
            s.transposed ? std::int64_t{target} - std::int64_t{source} * s.stride + s.padding
                         : std::int64_t{source} - std::int64_t{target} * s.stride + s.padding;
        return at >= 0 && at < s.kernel ? static_cast<std::uint32_t>(at) : s.kernel;
    };
    for (std::uint32_t y = 0; y < s.out.rows; ++y)
        for (std::uint32_t x = 0; x < s.out.columns; ++x)
            for (std::uint32_t row = 0; row < s.in.rows; ++row)
                for (std::uint32_t column = 0; column < s.in.columns; ++column) {
                    const std::uint32_t ky = offset_of(row, y), kx = offset_of(column, x);
                    if (ky < s.kernel && kx < s.kernel)
                        visit(row * s.in.columns + column, y * s.out.columns + x,
                              ky * s.kernel + kx);
                }
}

Matrix random_weights(std::uint32_t rows, std::uint32_t columns, std::uint32_t number) {
    Matrix matrix(rows, columns);
    Random random(12, Stream::weights, number, 0);
    for (std::uint32_t r = 0; r < rows; ++r)
        for (float& w : matrix.values(r)) w = random.uniform(-1, 1);
    return matrix;
}
AlignedVector<float> random_map(const MapShape& map, double share, std::uint32_t number) {
    AlignedVector<float> values(padded(map.size()));
    Random random(13, Stream::scene, number, 0);
    for (std::size_t i = 0; i < map.size(); ++i)
        if (random.uniform() < share) values[i] = random.uniform(-1, 1);
    return values;
}
std::vector<std::uint32_t> random_events(const MapShape& map, double share, std::uint32_t number) {
    std::vector<std::uint32_t> spikes;
    Random random(14, Stream::scene, number, 0);
    for (std::uint32_t j = 0; j < map.size(); ++j)
        if (random.uniform() < share) spikes.push_back(j);
    return spikes;
}

// body(shape, share, number, convolution, weights) for each case.
template <class Body>
void for_each_trial(Body body) {
    std::uint32_t number = 0;
    for (const auto& [shape, share] : convolution_cases()) {
        const Convolution convolution(shape);
        ++number;
        body(shape, share, number, convolution,
             random_weights(shape.kernel * shape.kernel * shape.in.channels, shape.out.channels,
                            number));
    }
}

}  // namespace

TEST_CASE("convolution: what spikes deliver") {
    for_each_trial([](const ConvolutionShape& s, double share, std::uint32_t number,
                      const Convolution& convolution, const Matrix& weights) {
        const auto spikes = random_events(s.in, share, number);
        std::vector<char> fires(s.in.size());
        for (const std::uint32_t j : spikes) fires[j] = 1;
        AlignedVector<float> input = random_map(s.out, 1, number), expected = input;
        convolution.deliver(weights, spikes, input.data());
        for_each_pair(s, [&](std::uint32_t source, std::uint32_t target, std::uint32_t offset) {
            for (std::uint32_t c = 0; c < s.in.channels; ++c)
                if (fires[source * s.in.channels + c])
                    for (std::uint32_t d = 0; d < s.out.channels; ++d)
                        expected[target * s.out.channels + d] +=
                            weights.row(offset * s.in.channels + c)[d];
        });
        CAPTURE(number);
        CHECK(input == expected);
    });
}

TEST_CASE("convolution: carrying signals back") {
    for_each_trial([](const ConvolutionShape& s, double share, std::uint32_t number,
                      const Convolution& convolution, const Matrix& weights) {
        Matrix packed;
        convolution.pack(weights, packed);
        // Nothing beyond the packed weights and the source map is read or written.
        Matrix guarded(packed.rows * 4, packed.columns);
        std::ranges::fill(guarded.data, std::numeric_limits<float>::quiet_NaN());
        std::ranges::copy(packed.data, guarded.data.begin());
        const auto post = random_map(s.out, share, number);
        AlignedVector<float> pre = random_map(s.in, 1, number + 1);
        pre.resize(pre.size() + 64, -1.0f);
        AlignedVector<float> expected = pre;
        const std::uint64_t macs = convolution.backproject(guarded, post.data(), pre.data());
        std::uint64_t expected_macs = 0;
        // By offset, and by target channels within.
        for (std::uint32_t k = 0; k < s.kernel * s.kernel; ++k)
            for_each_pair(s, [&](std::uint32_t source, std::uint32_t target, std::uint32_t offset) {
                if (offset != k) return;
                for (std::uint32_t d = 0; d < s.out.channels; ++d) {
                    const float value = post[target * s.out.channels + d];
                    if (value == 0.0f) continue;
                    expected_macs += s.in.channels;
                    for (std::uint32_t c = 0; c < s.in.channels; ++c) {
                        float& sum = expected[source * s.in.channels + c];
                        sum = std::fma(value, weights.row(offset * s.in.channels + c)[d], sum);
                    }
                }
            });
        CAPTURE(number);
        CHECK(pre == expected);
        CHECK(macs == expected_macs);
    });
}

TEST_CASE("convolution: gradients of weights") {
    for_each_trial([](const ConvolutionShape& s, double share, std::uint32_t number,
                      const Convolution& convolution, const Matrix& weights) {
        constexpr std::uint32_t ticks = 5;
        const auto sources = static_cast<std::uint32_t>(s.in.size()),
                   targets = static_cast<std::uint32_t>(s.out.size());
        GradientRows rows(sources, targets, ticks);
        std::vector<AlignedVector<float>> row;
        std::vector<std::vector<std::uint32_t>> spikes;
        for (std::uint32_t t = 0; t < ticks; ++t) {
            row.push_back(random_map(s.out, 0.8, (number - 1) * 10 + t));
            spikes.push_back(random_events(s.in, share, (number - 1) * 10 + t));
            rows.add(spikes.back(), row.back().data());
        }
        const auto scale = random_map(s.in, 0.3, number);
        const auto outer = random_map(s.out, 1, number + 500);
        if (number % 2) rows.add_outer(std::span(scale).first(sources), outer.data());
        Matrix gradient = weights, expected = weights;  // to begin with, as good as any
        const std::uint64_t macs = convolution.add_rows(gradient, rows);
        std::uint64_t expected_macs = 0;
        // By source neuron, then by tick, then the product.
        std::vector<std::vector<std::array<std::uint32_t, 2>>> seen(s.in.pixels());
        for_each_pair(s, [&](std::uint32_t source, std::uint32_t target, std::uint32_t offset) {
            seen[source].push_back({target, offset});
        });
        for (std::uint32_t j = 0; j < sources; ++j) {
            auto add = [&](const AlignedVector<float>& values, const float* factor) {
                for (const auto [target, offset] : seen[j / s.in.channels])
                    for (std::uint32_t d = 0; d < s.out.channels; ++d) {
                        const float value = values[target * s.out.channels + d];
                        ++expected_macs;
                        expected.row(offset * s.in.channels + j % s.in.channels)[d] +=
                            factor ? *factor * value : value;
                    }
            };
            for (std::uint32_t t = 0; t < ticks; ++t)
                if (std::ranges::binary_search(spikes[t], j)) add(row[t], nullptr);
            if (number % 2 && scale[j] != 0.0f) add(outer, &scale[j]);
        }
        CAPTURE(number);
        CHECK(gradient.data == expected.data);
        CHECK(macs == expected_macs);
    });
}
