#include <fmt/format.h>

#include "kernels/rows.hpp"
#include "kernels/vectors.hpp"
#include "topologies/topology_kinds.hpp"

namespace synfire {
namespace {

using vectors::cut;
using vectors::loose;

struct Settings {
    std::uint32_t kernel, stride, padding;
};

Settings settings_of(const nlohmann::json& projection) {
    return {projection.at("kernel"), projection.at("stride"), projection.at("padding")};
}

// Where one source row (or column) is seen: kernel offset and target row (or column).
struct Tap {
    std::uint32_t kernel, target;
};

class Taps {
  public:
    Taps(std::uint32_t source_extent, std::uint32_t target_extent, const Settings& s) {
        begin_.push_back(0);
        for (std::uint32_t at = 0; at < source_extent; ++at) {
            for (std::uint32_t k = 0; k < s.kernel; ++k) {
                const std::int64_t from = std::int64_t{at} + s.padding - k;
                if (from >= 0 && from % s.stride == 0 && from / s.stride < target_extent)
                    taps_.push_back({k, static_cast<std::uint32_t>(from / s.stride)});
            }
            begin_.push_back(static_cast<std::uint32_t>(taps_.size()));
        }
    }
    std::span<const Tap> at(std::uint32_t source) const {
        return {taps_.data() + begin_[source], taps_.data() + begin_[source + 1]};
    }
    std::uint64_t count() const { return taps_.size(); }

  private:
    std::vector<std::uint32_t> begin_;
    std::vector<Tap> taps_;
};

// Two-dimensional convolution (cross-correlation, as in PyTorch). Row (ky * K + kx) * C + c of the
// weights: from channel c, at kernel offset (ky, kx), to all target channels. Since channels are
// neighbours, a spike adds one contiguous row of weights to each target pixel that sees it.
class Conv2d final : public Topology {
  public:
    Conv2d(const MapShape& in, const MapShape& out, const Settings& s)
        : Topology(static_cast<std::uint32_t>(in.size()), static_cast<std::uint32_t>(out.size())),
          in_(in),
          out_(out),
          kernel_(s.kernel),
          rows_(in.rows, out.rows, s),
          columns_(in.columns, out.columns, s) {}

    Matrix make_weights() const override {
        return Matrix(kernel_ * kernel_ * in_.channels, out_.channels);
    }
    float fan_in() const override { return static_cast<float>(kernel_ * kernel_ * in_.channels); }
    std::uint32_t bias_count() const override { return out_.channels; }
    std::uint64_t synapse_count() const override {
        return rows_.count() * columns_.count() * in_.channels * out_.channels;
    }
    std::vector<std::uint64_t> kernel_shape() const override {
        return {kernel_, kernel_, in_.channels, out_.channels};
    }
    std::uint64_t synapses(std::span<const std::uint32_t> spikes) const override {
        std::uint64_t pixels = 0;
        for (const std::uint32_t j : spikes) {
            const Place p = place(j);
            pixels += rows_.at(p.row).size() * columns_.at(p.column).size();
        }
        return pixels * out_.channels;
    }

    void deliver(const Matrix& weights, std::span<const std::uint32_t> spikes,
                 float* input) const override {
        simd::run([&](auto bytes) SYNFIRE_INLINE_LAMBDA {
            for (const std::uint32_t j : spikes)
                for_each_target(j, [&](std::uint32_t fan, std::size_t first) SYNFIRE_INLINE_LAMBDA {
                    const float* w = weights.row(fan);
                    float* target = input + first;
                    cut<bytes>(out_.channels, [&](auto width, std::size_t c) SYNFIRE_INLINE_LAMBDA {
                        loose<width.value>(target + c).v += loose<width.value>(w + c).v;
                    });
                });
        });
    }
    void deliver_scaled(const Matrix& weights, const ScaledSpikes& spikes,
                        float* input) const override {
        for (std::size_t k = 0; k < spikes.sources.size(); ++k) {
            const auto factor = static_cast<float>(spikes.factors[k]);
            for_each_target(spikes.sources[k], [&](std::uint32_t fan, std::size_t first) {
                const float* w = weights.row(fan);
                for (std::uint32_t c = 0; c < out_.channels; ++c) input[first + c] += factor * w[c];
            });
        }
    }
    void touch(std::span<const std::uint32_t> spikes, Frontier& frontier) const override {
        for (const std::uint32_t j : spikes)
            for_each_target(j, [&](std::uint32_t, std::size_t first) {
                for (std::uint32_t c = 0; c < out_.channels; ++c)
                    frontier.insert(static_cast<std::uint32_t>(first) + c);
            });
    }
    void deliver_to(const SynapseWeights& weights, std::span<const std::uint32_t> spikes,
                    const Sums& sums, Targets targets) const override {
        for (const std::uint32_t j : spikes)
            for_each_target(j, [&](std::uint32_t fan, std::size_t first) {
                const float* const w = weights.each->row(fan);
                for (std::uint32_t c = 0; c < out_.channels; ++c)
                    if (const std::size_t i = first + c; i >= targets.begin && i < targets.end)
                        sums.add(i - targets.begin, w[c]);
            });
    }
    void for_each_synapse(std::uint32_t source, const SynapseVisitor& visit) const override {
        for_each_target(source, [&](std::uint32_t fan, std::size_t first) {
            for (std::uint32_t c = 0; c < out_.channels; ++c)
                visit(static_cast<std::uint32_t>(first) + c, fan, c);
        });
    }
    void add_bias(const Matrix& bias, float* input) const override {
        const float* b = bias.row(0);
        for (std::uint32_t pixel = 0; pixel < out_.pixels(); ++pixel)
            for (std::uint32_t c = 0; c < out_.channels; ++c)
                input[pixel * out_.channels + c] += b[c];
    }
    std::uint64_t add_rows(Matrix& gradient, GradientRows& rows) const override {
        rows.sort();
        std::uint64_t added = 0;
        simd::run([&](auto bytes) SYNFIRE_INLINE_LAMBDA {
            for (const std::uint32_t j : rows.reached()) {
                const std::span<const std::uint32_t> row_numbers = rows.of(j);
                std::uint32_t pixels = 0;
                for_each_target(j, [&](std::uint32_t fan, std::size_t first) SYNFIRE_INLINE_LAMBDA {
                    float* g = gradient.row(fan);
                    ++pixels;
                    cut<bytes>(out_.channels, [&](auto width, std::size_t c) SYNFIRE_INLINE_LAMBDA {
                        auto sum = loose<width.value>(g + c).v;
                        for (const std::uint32_t k : row_numbers)
                            sum += loose<width.value>(rows.row(k) + first + c).v;
                        for (std::uint32_t o = 0; o < rows.outer_count(); ++o)
                            if (const float scale = rows.scale(o, j); scale != 0.0f)
                                sum += scale * loose<width.value>(rows.outer_row(o) + first + c).v;
                        loose<width.value>(g + c).v = sum;
                    });
                });
                added += std::uint64_t{rows.additions(j)} * pixels * out_.channels;
            }
        });
        return added;
    }
    void add_bias_gradient(Matrix& gradient, const float* post) const override {
        float* g = gradient.row(0);
        for (std::uint32_t pixel = 0; pixel < out_.pixels(); ++pixel)
            for (std::uint32_t c = 0; c < out_.channels; ++c)
                g[c] += post[pixel * out_.channels + c];
    }

    // Row (ky * K + kx) * D + d: to target channel d at that offset, from all source channels.
    void transpose(const Matrix& weights, Matrix& transposed) const override {
        const std::uint32_t in = in_.channels, out = out_.channels;
        if (transposed.rows == 0) transposed = Matrix(kernel_ * kernel_ * out, in);
        for (std::uint32_t k = 0; k < kernel_ * kernel_; ++k)
            for (std::uint32_t c = 0; c < in; ++c)
                for (std::uint32_t d = 0; d < out; ++d)
                    transposed.row(k * out + d)[c] = weights.row(k * in + c)[d];
    }
    std::uint64_t backproject(const BackwardWeights& through, const float* post,
                              float* pre) const override {
        thread_local Active active;
        active.collect(post, out_);
        std::uint64_t products = 0;
        simd::run([&](auto bytes) SYNFIRE_INLINE_LAMBDA {
            for (std::uint32_t row = 0; row < in_.rows; ++row)
                for (std::uint32_t column = 0; column < in_.columns; ++column)
                    products += gather<bytes>(through.transposed, active, row, column, pre);
        });
        return products * in_.channels;
    }

  private:
    struct Place {
        std::uint32_t channel, row, column;
    };
    Place place(std::uint32_t neuron) const {
        const std::uint32_t pixel = neuron / in_.channels;
        return {neuron % in_.channels, pixel / in_.columns, pixel % in_.columns};
    }

    // visit(row of the weights, first neuron of the target pixel) for every synapse bundle of j.
    template <class Visit>
    SYNFIRE_INLINE void for_each_target(std::uint32_t j, Visit&& visit) const {
        const Place p = place(j);
        for (const Tap& y : rows_.at(p.row))
            for (const Tap& x : columns_.at(p.column))
                visit((y.kernel * kernel_ + x.kernel) * in_.channels + p.channel,
                      (std::size_t{y.target} * out_.columns + x.target) * out_.channels);
    }

    // The elements of a vector over target neurons that are not 0, by pixel.
    struct Active {
        std::vector<std::uint32_t> begin, channel;
        std::vector<float> value;

        void collect(const float* post, const MapShape& shape) {
            begin.assign(1, 0);
            channel.clear();
            value.clear();
            for (std::uint32_t pixel = 0; pixel < shape.pixels(); ++pixel) {
                for (std::uint32_t d = 0; d < shape.channels; ++d)
                    if (const float v = post[std::size_t{pixel} * shape.channels + d]; v != 0.0f) {
                        channel.push_back(d);
                        value.push_back(v);
                    }
                begin.push_back(static_cast<std::uint32_t>(channel.size()));
            }
        }
    };

    // Adds what one source pixel gets; returns how many products a channel took.
    template <std::size_t Bytes>
    SYNFIRE_INLINE std::uint64_t gather(const Matrix& transposed, const Active& active,
                                        std::uint32_t row, std::uint32_t column, float* pre) const {
        float* target = pre + (std::size_t{row} * in_.columns + column) * in_.channels;
        std::size_t c = 0;
        constexpr std::size_t lanes = vectors::Floats<Bytes>::lanes;
        for (; c + 4 * lanes <= in_.channels; c += 4 * lanes)
            gather_block<lanes, 4>(transposed, active, row, column, c, target);
        for (; c + lanes <= in_.channels; c += lanes)
            gather_block<lanes, 1>(transposed, active, row, column, c, target);
        for (; c + 4 <= in_.channels; c += 4)
            gather_block<4, 1>(transposed, active, row, column, c, target);
        for (; c < in_.channels; ++c)
            gather_block<1, 1>(transposed, active, row, column, c, target);
        std::uint64_t products = 0;
        for (const Tap& y : rows_.at(row))
            for (const Tap& x : columns_.at(column)) {
                const std::uint32_t pixel = y.target * out_.columns + x.target;
                products += active.begin[pixel + 1] - active.begin[pixel];
            }
        return products;
    }
    template <std::size_t Lanes, std::size_t Vectors>
    SYNFIRE_INLINE void gather_block(const Matrix& transposed, const Active& active,
                                     std::uint32_t row, std::uint32_t column, std::size_t c,
                                     float* target) const {
        decltype(vectors::Loose<Lanes>::v) sum[Vectors];
        for (std::size_t v = 0; v < Vectors; ++v) sum[v] = loose<Lanes>(target + c + v * Lanes).v;
        for (const Tap& y : rows_.at(row))
            for (const Tap& x : columns_.at(column)) {
                const std::uint32_t pixel = y.target * out_.columns + x.target;
                const float* offset =
                    transposed.row(std::size_t{y.kernel * kernel_ + x.kernel} * out_.channels) + c;
                for (std::uint32_t k = active.begin[pixel]; k < active.begin[pixel + 1]; ++k) {
                    const float* w = offset + active.channel[k] * transposed.stride;
                    for (std::size_t v = 0; v < Vectors; ++v)
                        sum[v] += active.value[k] * loose<Lanes>(w + v * Lanes).v;
                }
            }
        for (std::size_t v = 0; v < Vectors; ++v) loose<Lanes>(target + c + v * Lanes).v = sum[v];
    }

    MapShape in_, out_;
    std::uint32_t kernel_;
    Taps rows_, columns_;
};

Misfit conv2d_misfit(const nlohmann::json& projection, const Extent& pre, const Extent& post) {
    if (!pre.shape || !post.shape)
        return {
            fmt::format("conv2d joins feature maps; the {} needs a \"shape\" of [channels, "
                        "rows, columns].",
                        pre.shape ? "target" : "source")};
    const Settings s = settings_of(projection);
    const std::uint64_t rows = pre.shape->rows + std::uint64_t{2} * s.padding;
    const std::uint64_t columns = pre.shape->columns + std::uint64_t{2} * s.padding;
    if (s.kernel > rows || s.kernel > columns)
        return {fmt::format("A kernel of {0} x {0} is larger than the padded input of {1} x {2}; "
                            "at most {3} is allowed.",
                            s.kernel, rows, columns, std::min(rows, columns)),
                "kernel"};
    const std::uint64_t out_rows = (rows - s.kernel) / s.stride + 1;
    const std::uint64_t out_columns = (columns - s.kernel) / s.stride + 1;
    if (post.shape->rows != out_rows || post.shape->columns != out_columns)
        return {fmt::format(
            "This convolution of a {} x {} map gives {} x {}, and the target is {} "
            "x {}; its \"shape\" should be [{}, {}, {}].",
            pre.shape->rows, pre.shape->columns, out_rows, out_columns, post.shape->rows,
            post.shape->columns, post.shape->channels, out_rows, out_columns)};
    return {};
}

}  // namespace

TopologyType conv2d_topology() {
    TopologyType type{
        "conv2d",
        "each target pixel sees a square window of the source, all with the same "
        "weights; both populations need a \"shape\"",
        {integer("kernel", "rows and columns of the window").must().between(1, 1024),
         integer("stride", "pixels from one window to the next").otherwise(1).between(1, 1024),
         integer("padding", "silent rows and columns around the source")
             .otherwise(0)
             .between(0, 1024)},
        &conv2d_misfit,
        [](const nlohmann::json& projection, const Extent& pre, const Extent& post,
           const Draws&) -> std::unique_ptr<Topology> {
            return std::make_unique<Conv2d>(*pre.shape, *post.shape, settings_of(projection));
        }};
    type.standardisable = true;
    type.amount = [](const nlohmann::json& projection, const Extent& pre, const Extent& post) {
        const double kernel = projection.at("kernel");
        return kernel * kernel * pre.shape->channels * post.shape->channels;
    };
    return type;
}

}  // namespace synfire
