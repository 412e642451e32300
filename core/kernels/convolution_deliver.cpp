// Convolution::deliver.
#include <algorithm>

#include "kernels/convolution.hpp"
#include "kernels/vectors.hpp"

namespace synfire {
namespace {

using vectors::loose;

// Columns whose sums are held in registers, and source channels whose rows for them stay in the
// first-level cache.
constexpr std::uint32_t columns_at_once = 64, channels_at_once = 128;

// So many rows that come later in a list are fetched from memory; lists end with as many more.
constexpr std::size_t offsets_ahead = 16;

// sums += rows of `from`, which begin at these offsets: some vectors of them.
template <std::size_t Lanes, std::size_t Vectors, bool Ahead, class Offset>
SYNFIRE_INLINE void add_offsets(const float* from, std::span<const Offset> offsets, float* sums) {
    decltype(vectors::Loose<Lanes>::v) sum[Vectors];
    for (std::size_t v = 0; v < Vectors; ++v) sum[v] = loose<Lanes>(sums + v * Lanes).v;
    for (std::size_t k = 0; k < offsets.size(); ++k) {
        const float* const row = from + offsets[k];
        if constexpr (Ahead)
            for (std::size_t line = 0; line < Lanes * Vectors; line += 16)
                __builtin_prefetch(from + offsets.data()[k + offsets_ahead] + line);
        for (std::size_t v = 0; v < Vectors; ++v) sum[v] += loose<Lanes>(row + v * Lanes).v;
    }
    for (std::size_t v = 0; v < Vectors; ++v) loose<Lanes>(sums + v * Lanes).v = sum[v];
}

std::uint32_t channel_blocks(std::uint32_t channels) {
    return (channels + channels_at_once - 1) / channels_at_once;
}

}  // namespace

// By events where few of them meet at a target pixel: a row of weights is added to each that sees
// the spike. Else by target pixels, whose sums then stay in registers: with all of their rows at
// once, or where enough of these are near each other, block by block of rows.
void Convolution::deliver(const Matrix& weights, std::span<const std::uint32_t> spikes,
                          float* input) const {
    const std::uint64_t meetings = std::uint64_t{spikes.size()} * pixel_pairs() / in().pixels();
    constexpr std::uint64_t few = 3;      // at a target pixel
    constexpr std::uint64_t many = 4;     // of a block's rows, at a target pixel
    constexpr std::uint32_t narrow = 48;  // channels: sums are no dearer than what gathers them
    const std::uint64_t blocks = std::uint64_t{kernel_area()} * channel_blocks(in().channels);
    if (meetings < few * out().pixels() || out().channels <= narrow)
        scatter(weights, spikes, input);
    else if (meetings < many * out().pixels() * blocks)
        gather(weights, spikes, input);
    else
        gather_blocks(weights, spikes, input);
}

void Convolution::scatter(const Matrix& weights, std::span<const std::uint32_t> spikes,
                          float* input) const {
    simd::run([&](auto bytes) SYNFIRE_INLINE_LAMBDA {
        for (const std::uint32_t j : spikes)
            for_each_target(j, [&](std::uint32_t fan, std::size_t first) SYNFIRE_INLINE_LAMBDA {
                const float* w = weights.row(fan);
                float* target = input + first;
                vectors::cut<bytes>(
                    out().channels, [&](auto width, std::size_t c) SYNFIRE_INLINE_LAMBDA {
                        loose<width.value>(target + c).v += loose<width.value>(w + c).v;
                    });
            });
    });
}

void Convolution::gather(const Matrix& weights, std::span<const std::uint32_t> spikes,
                         float* input) const {
    thread_local std::vector<std::uint32_t> begin;         // of each source pixel's spikes
    thread_local std::vector<std::size_t> met, met_begin;  // rows of weights, by target pixel
    begin.assign(in().pixels() + 1, 0);
    for (const std::uint32_t j : spikes) ++begin[j / in().channels + 1];
    for (std::uint32_t p = 0; p < in().pixels(); ++p) begin[p + 1] += begin[p];
    met.clear();
    met_begin.assign(1, 0);
    for (std::uint32_t row = 0; row < out().rows; ++row)
        for (std::uint32_t column = 0; column < out().columns; ++column) {
            for (const auto& y : rows_.sees(row))
                for (const auto& x : columns_.sees(column)) {
                    const std::uint32_t pixel = y.place * in().columns + x.place;
                    const std::uint32_t channel = pixel * in().channels;  // the pixel's first
                    const std::size_t first =
                        std::size_t{y.kernel * kernel() + x.kernel} * in().channels;
                    for (std::uint32_t k = begin[pixel]; k < begin[pixel + 1]; ++k)
                        met.push_back((first + spikes[k] - channel) * weights.stride);
                }
            met_begin.push_back(met.size());
        }
    met.resize(met.size() + offsets_ahead);
    for (std::uint32_t c = 0; c < out().channels; c += columns_at_once) {
        const std::uint32_t columns = std::min(columns_at_once, out().channels - c);
        simd::run([&](auto bytes) SYNFIRE_INLINE_LAMBDA {
            for (std::uint32_t pixel = 0; pixel < out().pixels(); ++pixel) {
                const std::span<const std::size_t> rows{met.data() + met_begin[pixel],
                                                        met.data() + met_begin[pixel + 1]};
                if (rows.empty()) continue;
                float* const target = input + std::size_t{pixel} * out().channels + c;
                vectors::in_tiles<bytes, std::min<std::size_t>(8, 256 / bytes)>(
                    columns, [&](auto width, auto several, std::size_t at) SYNFIRE_INLINE_LAMBDA {
                        add_offsets<width.value, several.value, true>(weights.row(0) + c + at, rows,
                                                                      target + at);
                    });
            }
        });
    }
}

// Some columns of the rows of some channels at a time, which stay in the first-level cache, for all
// target pixels.
void Convolution::gather_blocks(const Matrix& weights, std::span<const std::uint32_t> spikes,
                                float* input) const {
    const std::uint32_t blocks = channel_blocks(in().channels);
    thread_local std::vector<std::uint32_t> begin;    // of each source pixel's spikes, by block
    thread_local std::vector<std::uint32_t> offsets;  // of their rows in those of the block
    begin.assign(std::size_t{in().pixels()} * blocks + 1, 0);
    offsets.resize(spikes.size());
    for (std::size_t k = 0; k < spikes.size(); ++k) {
        const std::uint32_t pixel = spikes[k] / in().channels,
                            channel = spikes[k] - pixel * in().channels;
        ++begin[pixel * blocks + channel / channels_at_once + 1];
        offsets[k] = channel % channels_at_once * static_cast<std::uint32_t>(weights.stride);
    }
    for (std::size_t b = 1; b < begin.size(); ++b) begin[b] += begin[b - 1];
    simd::run([&](auto bytes) SYNFIRE_INLINE_LAMBDA {
        for (std::uint32_t c = 0; c < out().channels; c += columns_at_once) {
            const std::uint32_t columns = std::min(columns_at_once, out().channels - c);
            for (std::uint32_t n = 0; n < kernel_area(); ++n) {
                const std::uint32_t offset = shape_.transposed ? kernel_area() - 1 - n : n;
                for (std::uint32_t b = 0; b < blocks; ++b) {
                    const float* const rows =
                        weights.row(std::size_t{offset} * in().channels + b * channels_at_once) + c;
                    for_each_pair(offset, [&](std::uint32_t target,
                                              std::uint32_t source) SYNFIRE_INLINE_LAMBDA {
                        const std::uint32_t* const bounds = begin.data() + source * blocks + b;
                        if (bounds[0] == bounds[1]) return;
                        const std::span<const std::uint32_t> some{offsets.data() + bounds[0],
                                                                  offsets.data() + bounds[1]};
                        float* const sums = input + std::size_t{target} * out().channels + c;
                        vectors::in_tiles<bytes, std::min<std::size_t>(8, 256 / bytes)>(
                            columns,
                            [&](auto width, auto several, std::size_t at) SYNFIRE_INLINE_LAMBDA {
                                add_offsets<width.value, several.value, false>(rows + at, some,
                                                                               sums + at);
                            });
                    });
                }
            }
        }
    });
}

}  // namespace synfire
