#include <fmt/format.h>

#include "kernels/convolution.hpp"
#include "topologies/topology_kinds.hpp"

namespace synfire {
namespace {

struct Settings {
    std::uint32_t kernel, stride, padding;
};

Settings settings_of(const nlohmann::json& projection) {
    return {projection.at("kernel"), projection.at("stride"), projection.at("padding")};
}

// kernels/convolution.hpp as a topology.
class Conv2d final : public Topology {
  public:
    Conv2d(const MapShape& in, const MapShape& out, const Settings& s)
        : Topology(static_cast<std::uint32_t>(in.size()), static_cast<std::uint32_t>(out.size())),
          convolution_({in, out, s.kernel, s.stride, s.padding}) {}

    Matrix make_weights() const override {
        return Matrix(convolution_.kernel_area() * in().channels, out().channels);
    }
    float fan_in() const override {
        return static_cast<float>(convolution_.kernel_area() * in().channels);
    }
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
        const float* b = bias.row(0);
        for (std::uint32_t pixel = 0; pixel < out().pixels(); ++pixel)
            for (std::uint32_t c = 0; c < out().channels; ++c)
                input[pixel * out().channels + c] += b[c];
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
