// Convolution::backproject. Compiled so that a product and the addition to a sum are one operation
// where the CPU has that (CMakeLists.txt).
#include <algorithm>
#include <array>

#include "kernels/convolution.hpp"
#include "kernels/vectors.hpp"

namespace synfire {
namespace {

using vectors::loose;
using vectors::Width;

#if defined(__x86_64__)
template <class Body>
__attribute__((target("avx2,fma"))) void run_avx2_fused(Body&& body) {
    body(Width<32>{});
}
#endif

// As simd::run, with fused products.
template <class Body>
void run_fused(Body&& body) {
#if defined(__x86_64__)
    static const bool fuses = __builtin_cpu_supports("fma");
    if (simd::isa() == simd::Isa::avx512) return simd::run_avx512(body);
    if (simd::isa() == simd::Isa::avx2 && fuses) return run_avx2_fused(body);
#endif
    body(Width<16>{});
}

// Target channels whose weights, for one panel of source channels, share the first-level cache.
constexpr std::uint32_t block = 64;
// From so many of them on it is quicker to take all than to list those that are not 0.
constexpr std::uint32_t dense_from = 40;
// Pixels whose sums share the weights that are loaded.
constexpr std::size_t group = 6;

// The elements that are not 0, by pixel and block of channels.
struct Signals {
    std::uint32_t blocks = 0;
    std::vector<std::uint32_t> begin;
    std::vector<std::uint32_t> channel;  // within the block
    std::vector<float> value;

    void collect(const float* post, const MapShape& map) {
        blocks = (map.channels + block - 1) / block;
        begin.resize(std::size_t{map.pixels()} * blocks + 1);
        channel.resize(map.size() + 1);
        value.resize(map.size() + 1);
        std::uint32_t count = 0;
        std::size_t part = 0;
        for (std::uint32_t pixel = 0; pixel < map.pixels(); ++pixel)
            for (std::uint32_t first = 0; first < map.channels; first += block) {
                begin[part++] = count;
                const float* const from = post + std::size_t{pixel} * map.channels + first;
                const std::uint32_t some = std::min(block, map.channels - first);
                for (std::uint32_t d = 0; d < some; ++d) {
                    channel[count] = d;
                    value[count] = from[d];
                    count += from[d] != 0.0f;
                }
            }
        begin[part] = count;
    }
    std::uint32_t count(std::size_t part) const { return begin[part + 1] - begin[part]; }
    // Of a whole pixel.
    std::uint32_t of_pixel(std::uint32_t pixel) const {
        return begin[std::size_t{pixel + 1} * blocks] - begin[std::size_t{pixel} * blocks];
    }
};

// sums[p] += values[p] times the rows of weights, for each of some pixels.
template <std::size_t Bytes, std::size_t Pixels>
SYNFIRE_INLINE void multiply(const float* weights, std::uint32_t width, std::uint32_t count,
                             const float* const* values, float* const* sums) {
    constexpr std::size_t lanes = Bytes / sizeof(float), most = Bytes == 64 ? 4 : 2;
    auto columns = [&](auto vectors, std::size_t c) SYNFIRE_INLINE_LAMBDA {
        decltype(vectors::Loose<lanes>::v) sum[Pixels][vectors.value], w[vectors.value];
        for (std::size_t p = 0; p < Pixels; ++p)
            for (std::size_t v = 0; v < vectors; ++v)
                sum[p][v] = loose<lanes>(sums[p] + c + v * lanes).v;
        for (std::uint32_t k = 0; k < count; ++k) {
            for (std::size_t v = 0; v < vectors; ++v)
                w[v] = loose<lanes>(weights + std::size_t{k} * width + c + v * lanes).v;
            for (std::size_t p = 0; p < Pixels; ++p)
                for (std::size_t v = 0; v < vectors; ++v) sum[p][v] += values[p][k] * w[v];
        }
        for (std::size_t p = 0; p < Pixels; ++p)
            for (std::size_t v = 0; v < vectors; ++v)
                loose<lanes>(sums[p] + c + v * lanes).v = sum[p][v];
    };
    std::size_t c = 0;
    for (; c + most * lanes <= width; c += most * lanes) columns(Width<most>{}, c);
    for (; c < width; c += lanes) columns(Width<1>{}, c);
}

template <std::size_t Bytes, std::size_t Pixels = group>
SYNFIRE_INLINE void multiply_some(std::size_t pixels, const float* weights, std::uint32_t width,
                                  std::uint32_t count, const float* const* values,
                                  float* const* sums) {
    if (pixels == Pixels) return multiply<Bytes, Pixels>(weights, width, count, values, sums);
    if constexpr (Pixels > 1)
        multiply_some<Bytes, Pixels - 1>(pixels, weights, width, count, values, sums);
}

// The same of one pixel, of whose values most are 0.
template <std::size_t Bytes>
SYNFIRE_INLINE void multiply_listed(const float* weights, std::uint32_t width,
                                    std::span<const std::uint32_t> channels, const float* values,
                                    float* sums) {
    constexpr std::size_t lanes = Bytes / sizeof(float), most = Bytes == 64 ? 4 : 8;
    auto columns = [&](auto vectors, std::size_t c) SYNFIRE_INLINE_LAMBDA {
        decltype(vectors::Loose<lanes>::v) sum[vectors.value];
        for (std::size_t v = 0; v < vectors; ++v) sum[v] = loose<lanes>(sums + c + v * lanes).v;
        for (std::size_t k = 0; k < channels.size(); ++k) {
            const float* const w = weights + std::size_t{channels[k]} * width + c;
            for (std::size_t v = 0; v < vectors; ++v)
                sum[v] += values[k] * loose<lanes>(w + v * lanes).v;
        }
        for (std::size_t v = 0; v < vectors; ++v) loose<lanes>(sums + c + v * lanes).v = sum[v];
    };
    std::size_t c = 0;
    for (; c + most * lanes <= width; c += most * lanes) columns(Width<most>{}, c);
    for (; c < width; c += lanes) columns(Width<1>{}, c);
}

}  // namespace

std::uint64_t Convolution::backproject(const Matrix& packed, const float* post, float* pre) const {
    thread_local Signals signals;
    signals.collect(post, out());
    const std::uint32_t width = panel_width(), panels = (in().channels + width - 1) / width;
    // Where pixels are no whole vectors, sums are formed in a wider map.
    thread_local AlignedVector<float> wide;
    const std::size_t stride = std::size_t{panels} * width;
    const bool aside = stride != in().channels;
    if (aside) {
        wide.resize(std::size_t{in().pixels()} * stride);
        for (std::uint32_t p = 0; p < in().pixels(); ++p)
            std::copy_n(pre + std::size_t{p} * in().channels, in().channels,
                        wide.data() + p * stride);
    }
    float* const sums = aside ? wide.data() : pre;
    run_fused([&](auto bytes) SYNFIRE_INLINE_LAMBDA {
        for (std::uint32_t panel = 0; panel < panels; ++panel)
            for (std::uint32_t offset = 0; offset < kernel_area(); ++offset)
                for (std::uint32_t b = 0; b < signals.blocks; ++b) {
                    const std::uint32_t first = b * block;
                    const std::uint32_t count = std::min(block, out().channels - first);
                    const float* const weights = packed.row(
                        (std::size_t{panel} * kernel_area() + offset) * out().channels + first);
                    std::array<const float*, group> values;
                    std::array<float*, group> targets;
                    std::size_t grouped = 0;
                    for (std::uint32_t y = 0; y < out().rows; ++y) {
                        const std::uint32_t row = rows_.source(y, offset / kernel());
                        if (row == ConvolutionAxis::none) continue;
                        for (std::uint32_t x = 0; x < out().columns; ++x) {
                            const std::uint32_t column = columns_.source(x, offset % kernel());
                            if (column == ConvolutionAxis::none) continue;
                            const std::uint32_t pixel = y * out().columns + x;
                            const std::size_t part = std::size_t{pixel} * signals.blocks + b;
                            const std::uint32_t active = signals.count(part);
                            if (active == 0) continue;
                            float* const target =
                                sums + (std::size_t{row} * in().columns + column) * stride +
                                std::size_t{panel} * width;
                            if (active < std::min(dense_from, count)) {
                                const std::uint32_t begin = signals.begin[part];
                                multiply_listed<bytes>(weights, width,
                                                       {signals.channel.data() + begin, active},
                                                       signals.value.data() + begin, target);
                                continue;
                            }
                            values[grouped] = post + std::size_t{pixel} * out().channels + first;
                            targets[grouped] = target;
                            if (++grouped < group) continue;
                            multiply<bytes, group>(weights, width, count, values.data(),
                                                   targets.data());
                            grouped = 0;
                        }
                    }
                    if (grouped > 0)
                        multiply_some<bytes, group - 1>(grouped, weights, width, count,
                                                        values.data(), targets.data());
                }
    });
    if (aside)
        for (std::uint32_t p = 0; p < in().pixels(); ++p)
            std::copy_n(wide.data() + p * stride, in().channels,
                        pre + std::size_t{p} * in().channels);
    std::uint64_t products = 0;
    for (std::uint32_t y = 0; y < out().rows; ++y)
        for (std::uint32_t x = 0; x < out().columns; ++x)
            products += std::uint64_t{signals.of_pixel(y * out().columns + x)} *
                        rows_.sees(y).size() * columns_.sees(x).size();
    return products * in().channels;
}

}  // namespace synfire
