#include "kernels/convolution.hpp"

#include <algorithm>

#include "kernels/vectors.hpp"

namespace synfire {
namespace {

using vectors::loose;
using vectors::Width;

}  // namespace

ConvolutionAxis::ConvolutionAxis(std::uint32_t in, std::uint32_t out, const ConvolutionShape& s)
    : in_(in),
      out_(out),
      target_(std::size_t{s.kernel} * in, none),
      source_(std::size_t{s.kernel} * out, none) {
    for (std::uint32_t at = 0; at < in; ++at) {
        for (std::uint32_t k = 0; k < s.kernel; ++k) {
            std::int64_t to = std::int64_t{at} + s.padding - k;
            if (s.transposed)
                to = std::int64_t{at} * s.stride + k - s.padding;
            else if (to % s.stride != 0)
                continue;
            else
                to /= s.stride;
            if (to < 0 || to >= out) continue;
            const auto place = static_cast<std::uint32_t>(to);
            targets_.taps.push_back({k, place});
            target_[std::size_t{k} * in + at] = place;
            source_[std::size_t{k} * out + place] = at;
        }
        targets_.begin.push_back(static_cast<std::uint32_t>(targets_.taps.size()));
    }
    for (std::uint32_t at = 0; at < out; ++at) {
        for (std::uint32_t n = 0; n < s.kernel; ++n) {
            const std::uint32_t k = s.transposed ? s.kernel - 1 - n : n;
            if (const std::uint32_t place = source(at, k); place != none)
                sources_.taps.push_back({k, place});
        }
        sources_.begin.push_back(static_cast<std::uint32_t>(sources_.taps.size()));
    }
}

Convolution::Convolution(const ConvolutionShape& shape)
    : shape_(shape),
      rows_(shape.in.rows, shape.out.rows, shape),
      columns_(shape.in.columns, shape.out.columns, shape) {}

namespace {

// Columns that are taken through many rows before the next: their sums fit the registers, and a
// copy of many rows the second-level cache.
constexpr std::uint32_t tile = 64;

// So many rows that come later in a list are fetched from memory; lists end with as many more.
constexpr std::size_t rows_ahead = 16;

// sums += rows of `from`, which begin at these offsets, each times its scale where there are
// scales: some vectors of them.
template <std::size_t Lanes, std::size_t Vectors, class... Scales>
SYNFIRE_INLINE void add_listed(const float* from, std::span<const std::size_t> offsets, float* sums,
                               const Scales*... scales) {
    decltype(vectors::Loose<Lanes>::v) sum[Vectors];
    for (std::size_t v = 0; v < Vectors; ++v) sum[v] = loose<Lanes>(sums + v * Lanes).v;
    for (std::size_t k = 0; k < offsets.size(); ++k) {
        const float* const row = from + offsets[k];
        for (std::size_t line = 0; line < Lanes * Vectors; line += 16)
            __builtin_prefetch(from + offsets.data()[k + rows_ahead] + line);
        for (std::size_t v = 0; v < Vectors; ++v)
            sum[v] += (scales[k] * ... * loose<Lanes>(row + v * Lanes).v);
    }
    for (std::size_t v = 0; v < Vectors; ++v) loose<Lanes>(sums + v * Lanes).v = sum[v];
}

}  // namespace

namespace {

// Source neurons by channel, in their order within.
struct ByChannel {
    std::vector<std::uint32_t> begin, neurons;

    void sort(std::span<const std::uint32_t> list, std::uint32_t channels) {
        begin.assign(channels + 1, 0);
        for (const std::uint32_t j : list) ++begin[j % channels + 1];
        for (std::uint32_t c = 0; c < channels; ++c) begin[c + 1] += begin[c];
        neurons.resize(list.size());
        for (const std::uint32_t j : list) neurons[begin[j % channels]++] = j;
        for (std::uint32_t c = channels; c > 0; --c) begin[c] = begin[c - 1];
        begin[0] = 0;
    }
    std::span<const std::uint32_t> of(std::uint32_t channel) const {
        return {neurons.data() + begin[channel], neurons.data() + begin[channel + 1]};
    }
};

// A row, or a multiple of it, that a channel's gradient gets for one of its neurons.
struct Addition {
    std::uint32_t row;   // rows first, then rows of outer products
    std::uint32_t y, x;  // of the neuron
    float scale;
};

// The additions of some source neurons.
struct Additions {
    std::vector<Addition> all;       // by channel
    std::vector<std::size_t> begin;  // of each channel
    ByChannel neurons;

    void list(const GradientRows& rows, const MapShape& in, std::span<const std::uint32_t> part) {
        neurons.sort(part, in.channels);
        all.clear();
        begin.clear();
        for (std::uint32_t c = 0; c < in.channels; ++c) {
            begin.push_back(all.size());
            for (const std::uint32_t j : neurons.of(c)) {
                const std::uint32_t pixel = j / in.channels;
                const std::uint32_t y = pixel / in.columns, x = pixel % in.columns;
                for (const std::uint32_t r : rows.of(j)) all.push_back({r, y, x, 1});
                for (std::uint32_t o = 0; o < rows.outer_count(); ++o)
                    if (const float scale = rows.scale(o, j); scale != 0.0f)
                        all.push_back({rows.row_count() + o, y, x, scale});
            }
        }
        begin.push_back(all.size());
    }
};

// Where the additions that are seen at one kernel offset begin in a copy of their rows.
struct SeenAdditions {
    std::vector<std::size_t> places, begin;  // begin: of each channel
    std::vector<float> scales;
};

}  // namespace

// By source neurons where the gradient is small, so that it stays in the first-level cache.
std::uint64_t Convolution::add_rows(Matrix& gradient, GradientRows& rows) const {
    rows.sort();
    constexpr std::size_t small = std::size_t{32} << 10;  // bytes
    return gradient.bytes() <= small ? add_by_neurons(gradient, rows)
                                     : add_by_parts(gradient, rows);
}

std::uint64_t Convolution::add_by_neurons(Matrix& gradient, const GradientRows& rows) const {
    std::uint64_t added = 0;
    simd::run([&](auto bytes) SYNFIRE_INLINE_LAMBDA {
        for (const std::uint32_t j : rows.reached()) {
            const std::span<const std::uint32_t> row_numbers = rows.of(j);
            std::uint32_t pixels = 0;
            for_each_target(j, [&](std::uint32_t fan, std::size_t first) SYNFIRE_INLINE_LAMBDA {
                float* g = gradient.row(fan);
                ++pixels;
                vectors::cut<bytes>(
                    out().channels, [&](auto width, std::size_t c) SYNFIRE_INLINE_LAMBDA {
                        auto sum = loose<width.value>(g + c).v;
                        for (const std::uint32_t k : row_numbers)
                            sum += loose<width.value>(rows.row(k) + first + c).v;
                        for (std::uint32_t o = 0; o < rows.outer_count(); ++o)
                            if (const float scale = rows.scale(o, j); scale != 0.0f)
                                sum += scale * loose<width.value>(rows.outer_row(o) + first + c).v;
                        loose<width.value>(g + c).v = sum;
                    });
            });
            added += std::uint64_t{rows.additions(j)} * pixels * out().channels;
        }
    });
    return added;
}

// By parts of the source map, so small that some columns of what waits for the target pixels around
// them fit the second-level cache, in a copy; each row of the gradient is then read and written
// once a part.
std::uint64_t Convolution::add_by_parts(Matrix& gradient, const GradientRows& rows) const {
    constexpr std::size_t cache = std::size_t{192} << 10;  // bytes
    const std::uint32_t row_count = rows.row_count() + rows.outer_count();
    const auto pixels_at_once = static_cast<std::uint32_t>(
        std::max<std::size_t>(16, cache / (row_count * tile * sizeof(float))));
    const bool scaled = rows.outer_count() > 0;
    thread_local Additions additions;
    thread_local std::vector<SeenAdditions> seen;
    thread_local AlignedVector<float> copy;
    seen.resize(kernel_area());
    std::uint64_t added = 0;
    const auto reached = rows.reached();
    for (std::size_t first = 0, last; first < reached.size(); first = last) {
        const std::uint32_t first_pixel = reached[first] / in().channels;
        const std::uint64_t end = (std::uint64_t{first_pixel} + pixels_at_once) * in().channels;
        last = first;
        while (last < reached.size() && reached[last] < end) ++last;
        additions.list(rows, in(), reached.subspan(first, last - first));
        // Rows of target pixels that the part is seen by.
        std::uint32_t low = out().rows, high = 0;
        for (std::uint32_t y = first_pixel / in().columns;
             y <= reached[last - 1] / in().channels / in().columns; ++y)
            for (const auto& tap : rows_.seen_by(y)) {
                low = std::min(low, tap.place);
                high = std::max(high, tap.place + 1);
            }
        if (low >= high) continue;
        const std::size_t pixels = std::size_t{high - low} * out().columns;
        for (std::uint32_t offset = 0; offset < kernel_area(); ++offset) {
            SeenAdditions& here = seen[offset];
            here.places.resize(additions.all.size() + rows_ahead);
            here.scales.resize(scaled ? additions.all.size() : 0);
            here.begin.resize(in().channels + 1);
            std::size_t count = 0;
            for (std::uint32_t c = 0; c < in().channels; ++c) {
                here.begin[c] = count;
                for (std::size_t k = additions.begin[c]; k < additions.begin[c + 1]; ++k) {
                    const Addition& one = additions.all[k];
                    const std::uint32_t target = target_pixel(one.y, one.x, offset);
                    if (target == ConvolutionAxis::none) continue;
                    here.places[count] = (one.row * pixels + (target - low * out().columns)) * tile;
                    if (scaled) here.scales[count] = one.scale;
                    ++count;
                }
            }
            here.begin[in().channels] = count;
            added += std::uint64_t{count} * out().channels;
        }
        copy.resize(row_count * pixels * tile);
        for (std::uint32_t from = 0; from < out().channels; from += tile) {
            const std::uint32_t columns = std::min(tile, out().channels - from);
            for (std::uint32_t r = 0; r < row_count; ++r) {
                const float* const row =
                    (r < rows.row_count() ? rows.row(r) : rows.outer_row(r - rows.row_count())) +
                    std::size_t{low} * out().columns * out().channels + from;
                for (std::size_t p = 0; p < pixels; ++p)
                    std::copy_n(row + p * out().channels, columns,
                                copy.data() + (r * pixels + p) * tile);
            }
            simd::run([&](auto bytes) SYNFIRE_INLINE_LAMBDA {
                for (std::uint32_t offset = 0; offset < kernel_area(); ++offset) {
                    const SeenAdditions& here = seen[offset];
                    for (std::uint32_t c = 0; c < in().channels; ++c) {
                        float* const g =
                            gradient.row(std::size_t{offset} * in().channels + c) + from;
                        for (std::size_t line = 0; line < tile; line += 16)
                            __builtin_prefetch(g + 2 * gradient.stride + line, 1);
                        const std::span<const std::size_t> places{
                            here.places.data() + here.begin[c],
                            here.places.data() + here.begin[c + 1]};
                        if (places.empty()) continue;
                        vectors::in_tiles<bytes, std::min<std::size_t>(8, 4 * tile / bytes)>(
                            columns,
                            [&](auto width, auto several, std::size_t at) SYNFIRE_INLINE_LAMBDA {
                                if (scaled)
                                    add_listed<width.value, several.value>(
                                        copy.data() + at, places, g + at,
                                        here.scales.data() + here.begin[c]);
                                else
                                    add_listed<width.value, several.value>(copy.data() + at, places,
                                                                           g + at);
                            });
                    }
                }
            });
        }
    }
    return added;
}

void Convolution::pack(const Matrix& weights, Matrix& packed) const {
    constexpr std::uint32_t width = panel_columns;
    const std::uint32_t panels = (in().channels + width - 1) / width;
    const std::uint32_t d_count = out().channels;
    if (packed.rows == 0) packed = Matrix(panels * kernel_area() * d_count, width);
    constexpr std::uint32_t block = 32;  // target channels: their rows stay in the nearest cache
    for (std::uint32_t p = 0; p < panels; ++p) {
        const std::uint32_t first = p * width, count = std::min(width, in().channels - first);
        for (std::uint32_t offset = 0; offset < kernel_area(); ++offset) {
            const std::size_t row = (std::size_t{p} * kernel_area() + offset) * d_count;
            for (std::uint32_t begin = 0; begin < d_count; begin += block)
                for (std::uint32_t c = 0; c < count; ++c) {
                    const float* const from =
                        weights.row(std::size_t{offset} * in().channels + first + c);
                    const std::uint32_t end = std::min(begin + block, d_count);
                    for (std::uint32_t d = begin; d < end; ++d) packed.row(row + d)[c] = from[d];
                }
        }
    }
}

void Convolution::add_bias(const float* bias, float* input) const {
    simd::run([&](auto bytes) SYNFIRE_INLINE_LAMBDA {
        for (std::uint32_t pixel = 0; pixel < out().pixels(); ++pixel) {
            float* const target = input + std::size_t{pixel} * out().channels;
            vectors::cut<bytes>(
                out().channels, [&](auto width, std::size_t c) SYNFIRE_INLINE_LAMBDA {
                    loose<width.value>(target + c).v += loose<width.value>(bias + c).v;
                });
        }
    });
}

}  // namespace synfire
