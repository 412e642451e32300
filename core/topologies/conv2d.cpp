#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "kernels/convolution.hpp"
#include "topologies/topology_kinds.hpp"

namespace synfire {
namespace {

ConvolutionShape shape_of(const nlohmann::json& projection, const MapShape& in,
                          const MapShape& out) {
    return {in,
            out,
            projection.at("kernel"),
            projection.at("stride"),
            projection.at("padding"),
            projection.at("topology") == "conv_transpose2d"};
}

// kernels/convolution.hpp as a topology.
class Conv2d final : public Topology {
  public:
    explicit Conv2d(const ConvolutionShape& s)
        : Topology(static_cast<std::uint32_t>(s.in.size()),
                   static_cast<std::uint32_t>(s.out.size())),
          convolution_(s),
          fan_in_(static_cast<float>(s.kernel * s.kernel * s.in.channels)) {
        if (s.transposed) fan_in_ /= static_cast<float>(s.stride * s.stride);
    }

    Matrix make_weights() const override {
        return Matrix(convolution_.kernel_area() * in().channels, out().channels);
    }
    float fan_in() const override { return fan_in_; }
    std::uint32_t bias_count() const override { return out().channels; }
    std::uint64_t synapse_count() const override {
        return convolution_.pixel_pairs() * in().channels * out().channels;
    }
    std::vector<std::uint64_t> kernel_shape() const override {
        return {convolution_.kernel(), convolution_.kernel(), in().channels, out().channels};
    }
    std::uint64_t synapses(std::span<const std::uint32_t> spikes) const override {
        std::uint64_t pixels = 0;
        for (const std::uint32_t j : spikes) pixels += convolution_.pixels_that_see(j);
        return pixels * out().channels;
    }

    void deliver(const Matrix& weights, std::span<const std::uint32_t> spikes,
                 float* input) const override {
        convolution_.deliver(weights, spikes, input);
    }
    void deliver_scaled(const Matrix& weights, const ScaledSpikes& spikes,
                        float* input) const override {
        for (std::size_t k = 0; k < spikes.sources.size(); ++k) {
            const auto factor = static_cast<float>(spikes.factors[k]);
            convolution_.for_each_target(spikes.sources[k],
                                         [&](std::uint32_t fan, std::size_t first) {
                                             const float* w = weights.row(fan);
                                             for (std::uint32_t c = 0; c < out().channels; ++c)
                                                 input[first + c] += factor * w[c];
                                         });
        }
    }
    void touch(std::span<const std::uint32_t> spikes, Frontier& frontier) const override {
        for (const std::uint32_t j : spikes)
            convolution_.for_each_target(j, [&](std::uint32_t, std::size_t first) {
                for (std::uint32_t c = 0; c < out().channels; ++c)
                    frontier.insert(static_cast<std::uint32_t>(first) + c);
            });
    }
    void deliver_to(const SynapseWeights& weights, std::span<const std::uint32_t> spikes,
                    const Sums& sums, Targets targets) const override {
        for (const std::uint32_t j : spikes)
            convolution_.for_each_target(j, [&](std::uint32_t fan, std::size_t first) {
                const float* const w = weights.each->row(fan);
                for (std::uint32_t c = 0; c < out().channels; ++c)
                    if (const std::size_t i = first + c; i >= targets.begin && i < targets.end)
                        sums.add(i - targets.begin, w[c]);
            });
    }
    void for_each_synapse(std::uint32_t source, const SynapseVisitor& visit) const override {
        convolution_.for_each_target(source, [&](std::uint32_t fan, std::size_t first) {
            for (std::uint32_t c = 0; c < out().channels; ++c)
                visit(static_cast<std::uint32_t>(first) + c, fan, c);
        });
    }
    void add_bias(const Matrix& bias, float* input) const override {
        convolution_.add_bias(bias.row(0), input);
    }
    std::uint64_t add_rows(Matrix& gradient, GradientRows& rows) const override {
        return convolution_.add_rows(gradient, rows);
    }
    void add_bias_gradient(Matrix& gradient, const float* post) const override {
        float* g = gradient.row(0);
        for (std::uint32_t pixel = 0; pixel < out().pixels(); ++pixel)
            for (std::uint32_t c = 0; c < out().channels; ++c)
                g[c] += post[pixel * out().channels + c];
    }
    void transpose(const Matrix& weights, Matrix& transposed) const override {
        convolution_.pack(weights, transposed);
    }
    std::uint64_t backproject(const BackwardWeights& through, const float* post,
                              float* pre) const override {
        return convolution_.backproject(through.transposed, post, pre);
    }

  private:
    const MapShape& in() const { return convolution_.in(); }
    const MapShape& out() const { return convolution_.out(); }

    Convolution convolution_;
    float fan_in_;  // of a target neuron far from the borders, on average
};

// Rows or columns of the target, or nothing where there is none.
std::optional<std::uint64_t> extent_of(std::uint64_t source, const ConvolutionShape& s,
                                       std::uint32_t output_padding) {
    if (s.transposed) {
        const std::uint64_t whole = (source - 1) * s.stride + s.kernel + output_padding;
        if (whole <= std::uint64_t{2} * s.padding) return std::nullopt;
        return whole - std::uint64_t{2} * s.padding;
    }
    const std::uint64_t whole = source + std::uint64_t{2} * s.padding;
    if (s.kernel > whole) return std::nullopt;
    return (whole - s.kernel) / s.stride + 1;
}

Misfit conv_misfit(const nlohmann::json& projection, const Extent& pre, const Extent& post) {
    if (!pre.shape || !post.shape)
        return {fmt::format(
            "{} joins feature maps; the {} needs a \"shape\" of [channels, "
            "rows, columns].",
            projection.at("topology").get<std::string>(), pre.shape ? "target" : "source")};
    const ConvolutionShape s = shape_of(projection, *pre.shape, *post.shape);
    const std::uint32_t more = projection.value("output_padding", 0u);
    if (s.transposed && more >= s.stride)
        return {fmt::format("An output padding of {} with a stride of {} would add rows that "
                            "nothing reaches; at most {} is allowed.",
                            more, s.stride, s.stride - 1),
                "output_padding"};
    const auto rows = extent_of(s.in.rows, s, more), columns = extent_of(s.in.columns, s, more);
    if ((!rows || !columns) && s.transposed)
        return {fmt::format("A padding of {} takes all of what this transposed convolution makes "
                            "of a {} x {} map; less is expected.",
                            s.padding, s.in.rows, s.in.columns),
                "padding"};
    if (!rows || !columns) {
        const std::uint64_t most = std::min(s.in.rows, s.in.columns) + std::uint64_t{2} * s.padding;
        return {fmt::format("A kernel of {0} x {0} is larger than the padded input of {1} x {2}; "
                            "at most {3} is allowed.",
                            s.kernel, s.in.rows + std::uint64_t{2} * s.padding,
                            s.in.columns + std::uint64_t{2} * s.padding, most),
                "kernel"};
    }
    if (s.out.rows != *rows || s.out.columns != *columns)
        return {fmt::format(
            "This {} of a {} x {} map gives {} x {}, and the target is {} "
            "x {}; its \"shape\" should be [{}, {}, {}].",
            s.transposed ? "transposed convolution" : "convolution", s.in.rows, s.in.columns, *rows,
            *columns, s.out.rows, s.out.columns, s.out.channels, *rows, *columns)};
    return {};
}

TopologyType convolution_type(std::string name, std::string doc, std::vector<Field> fields) {
    TopologyType type{
        std::move(name), std::move(doc), std::move(fields), &conv_misfit,
        [](const nlohmann::json& projection, const Extent& pre, const Extent& post,
           const Draws&) -> std::unique_ptr<Topology> {
            return std::make_unique<Conv2d>(shape_of(projection, *pre.shape, *post.shape));
        }};
    type.standardisable = true;
    type.amount = [](const nlohmann::json& projection, const Extent& pre, const Extent& post) {
        const double kernel = projection.at("kernel");
        return kernel * kernel * pre.shape->channels * post.shape->channels;
    };
    return type;
}

}  // namespace

TopologyType conv2d_topology() {
    return convolution_type(
        "conv2d",
        "each target pixel sees a square window of the source, all with the same "
        "weights; both populations need a \"shape\"",
        {integer("kernel", "rows and columns of the window").must().between(1, 1024),
         integer("stride", "pixels from one window to the next").otherwise(1).between(1, 1024),
         integer("padding", "silent rows and columns around the source")
             .otherwise(0)
             .between(0, 1024)});
}

TopologyType conv_transpose2d_topology() {
    return convolution_type(
        "conv_transpose2d",
        "each source pixel reaches a square window of the target, all with the same weights, as "
        "torch.nn.ConvTranspose2d: the target has (rows - 1) stride - 2 padding + kernel + "
        "output_padding rows; both populations need a \"shape\"",
        {integer("kernel", "rows and columns of the window").must().between(1, 1024),
         integer("stride", "target pixels from one window to the next")
             .otherwise(1)
             .between(1, 1024),
         integer("padding", "rows and columns that are left out around the target")
             .otherwise(0)
             .between(0, 1024),
         integer("output_padding", "rows and columns more at the target's end, below the stride")
             .otherwise(0)
             .between(0, 1023)});
}

}  // namespace synfire
