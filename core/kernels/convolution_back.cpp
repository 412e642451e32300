// Convolution::backproject.
#include <algorithm>
#include <bit>
#include <cmath>

#include "kernels/convolution.hpp"
#include "kernels/vectors.hpp"

namespace synfire {
namespace {

using vectors::loose;

// As simd::run; clang is told that AVX2 comes with fused multiply-adds.
#if defined(__clang__) && defined(__x86_64__)
template <class Body>
__attribute__((target("avx2,fma"))) void run_fused_avx2(Body&& body) {
    body(vectors::Width<32>{});
}
#endif
template <class Body>
void run_fused(Body&& body) {
#if defined(__clang__) && defined(__x86_64__)
    if (simd::isa() == simd::Isa::avx2) return run_fused_avx2(body);
#endif
    simd::run(body);
}

// How the work is cut for vectors of so many bytes. Target channels of a block are taken one after
// the other, so that blocks of any size give the same sums.
template <std::size_t Bytes>
struct Cut {
    static constexpr std::size_t lanes = Bytes / sizeof(float);
    // Pixels, and vectors of a pixel, whose sums are held at once.
    static constexpr std::size_t pixels = 6, vectors = Bytes == 64 ? 4 : 2;
    // Target channels whose weights for that many columns stay in the first-level cache.
    static constexpr std::uint32_t block = Bytes == 64 ? 64 : 128;
    // From so many of them on it is quicker to take all than those that are not 0.
    static constexpr std::uint32_t dense_from = block * 5 / 8;
};

constexpr std::size_t panel = Convolution::panel_columns;

// a b + c, rounded once, where there may be no such operation: the product is exact in double
// precision, and so is the sum once it is rounded to odd (Boldo and Melquiond, IEEE Trans. Comput.
// 57, 2008), from which single precision rounds right.
inline float fused_by_double(float a, float b, float c) {
    const double product = double{a} * double{b}, addend = c;
    const double sum = product + addend, rest = sum - product;
    const double error = (product - (sum - rest)) + (addend - rest);
    auto bits = std::bit_cast<std::int64_t>(sum);
    if (error != 0 && bits % 2 == 0 && std::isfinite(sum))
        bits += (error > 0) == (sum > 0) ? 1 : -1;
    return static_cast<float>(std::bit_cast<double>(bits));
}

// sum + value times w, rounded once, whatever the compiler makes of products and sums.
template <std::size_t Bytes, class Vector>
SYNFIRE_INLINE Vector fused(float value, Vector w, Vector sum) {
    constexpr std::size_t lanes = sizeof(Vector) / sizeof(float);
#if defined(__x86_64__)
    if constexpr (Bytes > 16) {  // AVX2 or more, with which the operation comes
#if defined(__clang__)
#pragma clang fp contract(fast)
        return sum + value * w;
#else
        const Vector values = value - Vector{};
        asm("vfmadd231ps %2, %1, %0" : "+v"(sum) : "v"(values), "v"(w));
        return sum;
#endif
    }
#endif
    for (std::size_t i = 0; i < lanes; ++i)
#if defined(__x86_64__) && !defined(__FMA__)
        sum[i] = fused_by_double(value, w[i], sum[i]);
#else
        sum[i] = std::fma(value, w[i], sum[i]);
#endif
    return sum;
}

// The elements that are not 0, by pixel and block of channels.
struct Signals {
    std::uint32_t blocks = 0;
    std::vector<std::uint32_t> begin;
    std::vector<std::uint32_t> channel;  // within the block
    std::vector<float> value;

    void collect(const float* post, const MapShape& map, std::uint32_t block) {
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

// Target pixels of which all channels of a block are taken, and the source pixels that see them.
struct Pairs {
    std::vector<const float*> values;
    std::vector<float*> sums;
};

// sums[p] += values[p] times rows of weights, for each of some pixels. Vector v lies in the panel
// of its columns, of which the next is `next` further.
template <std::size_t Bytes, std::size_t Vectors, std::size_t Pixels>
SYNFIRE_INLINE void multiply(const float* weights, std::size_t next, std::uint32_t count,
                             const float* const* values, float* const* sums, std::size_t column) {
    constexpr std::size_t lanes = Cut<Bytes>::lanes, vectors = Vectors;
    decltype(vectors::Loose<lanes>::v) sum[Pixels][vectors], w[vectors];
    for (std::size_t p = 0; p < Pixels; ++p)
        for (std::size_t v = 0; v < vectors; ++v)
            sum[p][v] = loose<lanes>(sums[p] + column + v * lanes).v;
    for (std::uint32_t k = 0; k < count; ++k) {
        for (std::size_t v = 0; v < vectors; ++v)
            w[v] =
                loose<lanes>(weights + v * lanes / panel * next + v * lanes % panel + k * panel).v;
        for (std::size_t p = 0; p < Pixels; ++p)
            for (std::size_t v = 0; v < vectors; ++v)
                sum[p][v] = fused<Bytes>(values[p][k], w[v], sum[p][v]);
    }
    for (std::size_t p = 0; p < Pixels; ++p)
        for (std::size_t v = 0; v < vectors; ++v)
            loose<lanes>(sums[p] + column + v * lanes).v = sum[p][v];
}

template <std::size_t Bytes, std::size_t Vectors, std::size_t Pixels>
SYNFIRE_INLINE void multiply_last(std::size_t pixels, const float* weights, std::size_t next,
                                  std::uint32_t count, const float* const* values,
                                  float* const* sums, std::size_t column) {
    if (pixels == Pixels)
        return multiply<Bytes, Vectors, Pixels>(weights, next, count, values, sums, column);
    if constexpr (Pixels > 1)
        multiply_last<Bytes, Vectors, Pixels - 1>(pixels, weights, next, count, values, sums,
                                                  column);
}

// The weights of the block after the one in work, fetched from memory bit by bit.
struct NextBlock {
    const float* first;
    std::size_t next, panels, rows;  // a row of a panel is a line of the cache
    std::size_t fetched = 0;

    SYNFIRE_INLINE void fetch(std::size_t part, std::size_t parts) {
        const std::size_t until = panels * rows * part / parts;
        for (; fetched < until; ++fetched)
            __builtin_prefetch(first + fetched % panels * next + fetched / panels * panel);
    }
};

// All pairs, for some vectors of columns, from one on. after(p): p of them are done.
template <std::size_t Bytes, std::size_t Vectors, class After>
SYNFIRE_INLINE void multiply_all(const Pairs& pairs, const float* weights, std::size_t next,
                                 std::uint32_t count, std::size_t column, After after) {
    constexpr std::size_t at_once = Cut<Bytes>::pixels;
    std::size_t p = 0;
    for (; p + at_once <= pairs.sums.size(); p += at_once) {
        multiply<Bytes, Vectors, at_once>(weights, next, count, pairs.values.data() + p,
                                          pairs.sums.data() + p, column);
        after(p + at_once);
    }
    if (p < pairs.sums.size())
        multiply_last<Bytes, Vectors, at_once - 1>(pairs.sums.size() - p, weights, next, count,
                                                   pairs.values.data() + p, pairs.sums.data() + p,
                                                   column);
}

// The same of one pixel, of whose values most are 0, for the columns of some panels.
template <std::size_t Bytes, std::size_t Panels>
SYNFIRE_INLINE void multiply_listed(const float* weights, std::size_t next,
                                    std::span<const std::uint32_t> channels, const float* values,
                                    float* sums) {
    constexpr std::size_t lanes = Cut<Bytes>::lanes, vectors = Panels * panel / lanes;
    decltype(vectors::Loose<lanes>::v) sum[vectors];
    for (std::size_t v = 0; v < vectors; ++v) sum[v] = loose<lanes>(sums + v * lanes).v;
    for (std::size_t k = 0; k < channels.size(); ++k) {
        const float* const w = weights + std::size_t{channels[k]} * panel;
        for (std::size_t v = 0; v < vectors; ++v)
            sum[v] = fused<Bytes>(values[k],
                                  loose<lanes>(w + v * lanes / panel * next + v * lanes % panel).v,
                                  sum[v]);
    }
    for (std::size_t v = 0; v < vectors; ++v) loose<lanes>(sums + v * lanes).v = sum[v];
}

}  // namespace

std::uint64_t Convolution::backproject(const Matrix& packed, const float* post, float* pre) const {
    thread_local Signals signals;
    thread_local Pairs pairs;
    const std::size_t panels = (in().channels + panel - 1) / panel;
    // Where pixels are no whole panels, or lie so that the same few sets of the cache hold them,
    // sums are formed in a wider map.
    thread_local AlignedVector<float> wide;
    const bool collide = in().channels % 256 == 0;
    const std::size_t stride = panels * panel + (collide ? panel : 0);
    const bool aside = stride != in().channels;
    if (aside) {
        wide.resize(std::size_t{in().pixels()} * stride);
        for (std::uint32_t p = 0; p < in().pixels(); ++p)
            std::copy_n(pre + std::size_t{p} * in().channels, in().channels,
                        wide.data() + p * stride);
    }
    float* const sums = aside ? wide.data() : pre;
    const std::size_t next = std::size_t{kernel_area()} * out().channels * panel;  // panel
    run_fused([&](auto bytes) SYNFIRE_INLINE_LAMBDA {
        using Cut = Cut<bytes>;
        constexpr std::size_t columns_at_once = Cut::vectors * Cut::lanes;
        constexpr std::size_t panels_at_once = 4;
        signals.collect(post, out(), Cut::block);
        for (std::size_t first_panel = 0; first_panel < panels; first_panel += panels_at_once)
            for (std::uint32_t offset = 0; offset < kernel_area(); ++offset)
                for (std::uint32_t b = 0; b < signals.blocks; ++b) {
                    const std::size_t some = std::min(panels_at_once, panels - first_panel);
                    const std::uint32_t first = b * Cut::block;
                    const std::uint32_t count = std::min(Cut::block, out().channels - first);
                    const float* const weights =
                        packed.row((first_panel * kernel_area() + offset) * out().channels + first);
                    NextBlock ahead{weights + count * panel, next, some, count};
                    std::size_t done = 0;
                    pairs.values.clear();
                    pairs.sums.clear();
                    for_each_pair(offset, [&](std::uint32_t pixel,
                                              std::uint32_t source) SYNFIRE_INLINE_LAMBDA {
                        const std::size_t part = std::size_t{pixel} * signals.blocks + b;
                        const std::uint32_t active = signals.count(part);
                        if (active == 0) return;
                        float* const target =
                            sums + std::size_t{source} * stride + first_panel * panel;
                        if (active >= std::min(Cut::dense_from, count)) {
                            pairs.values.push_back(post + std::size_t{pixel} * out().channels +
                                                   first);
                            pairs.sums.push_back(target);
                            return;
                        }
                        const std::uint32_t begin = signals.begin[part];
                        const std::span<const std::uint32_t> channels{
                            signals.channel.data() + begin, active};
                        const float* const values = signals.value.data() + begin;
                        if (some == panels_at_once)
                            multiply_listed<bytes, panels_at_once>(weights, next, channels, values,
                                                                   target);
                        else
                            for (std::size_t p = 0; p < some; ++p)
                                multiply_listed<bytes, 1>(weights + p * next, next, channels,
                                                          values, target + p * panel);
                        ahead.fetch(++done, out().pixels());
                    });
                    if (pairs.sums.empty()) continue;
                    auto columns = [&](auto vectors, std::size_t c) SYNFIRE_INLINE_LAMBDA {
                        multiply_all<bytes, vectors.value>(
                            pairs, weights + c / panel * next + c % panel, next, count, c,
                            [&](std::size_t p) SYNFIRE_INLINE_LAMBDA {
                                ahead.fetch(c * pairs.sums.size() + p * vectors.value * Cut::lanes,
                                            some * panel * pairs.sums.size());
                            });
                    };
                    std::size_t c = 0;
                    for (; c + columns_at_once <= some * panel; c += columns_at_once)
                        columns(vectors::Width<Cut::vectors>{}, c);
                    if constexpr (columns_at_once > panel)
                        for (; c < some * panel; c += panel)
                            columns(vectors::Width<panel / Cut::lanes>{}, c);
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
