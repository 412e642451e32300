// Two-dimensional convolution (cross-correlation, as in PyTorch), also transposed, over maps whose
// channels are neighbours: what delivering events, learning, and carrying signals back need of it.
// Target row y sees source row y stride + ky - padding at kernel row ky; transposed, source row y
// is seen by target row y stride + ky - padding. Columns likewise.
//
// Row (ky * K + kx) * C + c of the weights, and of their gradient, is what channel c of the source
// has at kernel offset (ky, kx) for all channels of the target. Sums are formed in one order
// whatever the activity and the number of threads: over source pixels in row order (or, backward,
// kernel offsets in theirs), and channels within.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include "base/matrix.hpp"
#include "kernels/gradient_rows.hpp"
#include "kernels/map_shape.hpp"
#include "synfire/simd.hpp"

namespace synfire {

struct ConvolutionShape {
    MapShape in, out;
    std::uint32_t kernel, stride, padding;
    bool transposed = false;
};

// The rows, or the columns, of a convolution.
class ConvolutionAxis {
  public:
    static constexpr std::uint32_t none = UINT32_MAX;

    // A kernel offset and the place at the other end.
    struct Tap {
        std::uint32_t kernel, place;
    };

    ConvolutionAxis(std::uint32_t in, std::uint32_t out, const ConvolutionShape& shape);

    // Where a source place is seen, by ascending kernel offset; what a target place sees, by
    // ascending place.
    std::span<const Tap> seen_by(std::uint32_t source) const { return of(targets_, source); }
    std::span<const Tap> sees(std::uint32_t target) const { return of(sources_, target); }
    // The target place at which a source place has that kernel offset, or none.
    std::uint32_t target(std::uint32_t source, std::uint32_t offset) const {
        return target_[std::size_t{offset} * in_ + source];
    }
    // The source place that a target place has at that kernel offset, or none.
    std::uint32_t source(std::uint32_t target, std::uint32_t offset) const {
        return source_[std::size_t{offset} * out_ + target];
    }
    // Pairs of places that are joined.
    std::uint64_t count() const { return targets_.taps.size(); }

  private:
    struct Lists {
        std::vector<std::uint32_t> begin{0};
        std::vector<Tap> taps;
    };
    static std::span<const Tap> of(const Lists& lists, std::uint32_t place) {
        return {lists.taps.data() + lists.begin[place], lists.taps.data() + lists.begin[place + 1]};
    }

    std::uint32_t in_, out_;
    Lists targets_, sources_;
    std::vector<std::uint32_t> target_, source_;
};

class Convolution {
  public:
    static constexpr std::uint32_t panel_columns = 16;

    explicit Convolution(const ConvolutionShape& shape);

    const MapShape& in() const { return shape_.in; }
    const MapShape& out() const { return shape_.out; }
    std::uint32_t kernel() const { return shape_.kernel; }
    std::uint32_t kernel_area() const { return shape_.kernel * shape_.kernel; }

    // Target pixels that see a source neuron; and all pairs of pixels that are joined.
    std::uint32_t pixels_that_see(std::uint32_t source) const {
        const std::uint32_t pixel = source / in().channels;
        return static_cast<std::uint32_t>(rows_.seen_by(pixel / in().columns).size() *
                                          columns_.seen_by(pixel % in().columns).size());
    }
    std::uint64_t pixel_pairs() const { return rows_.count() * columns_.count(); }

    // visit(row of the weights, first target neuron) for each target pixel that sees the source.
    template <class Visit>
    SYNFIRE_INLINE void for_each_target(std::uint32_t source, Visit&& visit) const {
        const std::uint32_t channel = source % in().channels, pixel = source / in().channels;
        for (const auto& y : rows_.seen_by(pixel / in().columns))
            for (const auto& x : columns_.seen_by(pixel % in().columns))
                visit((y.kernel * kernel() + x.kernel) * in().channels + channel,
                      (std::size_t{y.place} * out().columns + x.place) * out().channels);
    }

    // The target pixel at which source pixel (row, column) has that kernel offset, or none.
    std::uint32_t target_pixel(std::uint32_t row, std::uint32_t column,
                               std::uint32_t offset) const {
        const std::uint32_t y = rows_.target(row, offset / kernel()),
                            x = columns_.target(column, offset % kernel());
        if (y == ConvolutionAxis::none || x == ConvolutionAxis::none) return ConvolutionAxis::none;
        return y * out().columns + x;
    }
    // visit(target pixel, source pixel) for the pairs that are joined at that kernel offset, by
    // target pixel.
    template <class Visit>
    SYNFIRE_INLINE void for_each_pair(std::uint32_t offset, Visit&& visit) const {
        for (std::uint32_t y = 0; y < out().rows; ++y) {
            const std::uint32_t row = rows_.source(y, offset / kernel());
            if (row == ConvolutionAxis::none) continue;
            for (std::uint32_t x = 0; x < out().columns; ++x) {
                const std::uint32_t column = columns_.source(x, offset % kernel());
                if (column != ConvolutionAxis::none)
                    visit(y * out().columns + x, row * in().columns + column);
            }
        }
    }

    // input += the weights of each spike (ascending source neurons).
    void deliver(const Matrix& weights, std::span<const std::uint32_t> spikes, float* input) const;

    // input += the bias of each channel, at every pixel.
    void add_bias(const float* bias, float* input) const;

    // The gradient += what waits in `rows`, which it sorts; returns the number of additions.
    std::uint64_t add_rows(Matrix& gradient, GradientRows& rows) const;

    // Makes the form of the weights that backproject reads: panels of panel_columns source
    // channels, row (panel * K * K + offset) * D + d of what target channel d has for them.
    void pack(const Matrix& weights, Matrix& packed) const;
    // pre += the weights times a vector over target neurons; returns how many multiply-accumulates
    // go through its elements that are not 0. Products are fused with their additions, which CPUs
    // without AVX2 do at a tenth of their speed.
    std::uint64_t backproject(const Matrix& packed, const float* post, float* pre) const;

  private:
    void scatter(const Matrix& weights, std::span<const std::uint32_t> spikes, float* input) const;
    void gather(const Matrix& weights, std::span<const std::uint32_t> spikes, float* input) const;
    void gather_blocks(const Matrix& weights, std::span<const std::uint32_t> spikes,
                       float* input) const;
    std::uint64_t add_by_neurons(Matrix& gradient, const GradientRows& rows) const;
    std::uint64_t add_by_parts(Matrix& gradient, const GradientRows& rows) const;

    ConvolutionShape shape_;
    ConvolutionAxis rows_, columns_;
};

}  // namespace synfire
