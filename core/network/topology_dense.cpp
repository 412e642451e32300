#include "network/kernels.hpp"
#include "network/topology_kinds.hpp"

namespace synfire {
namespace {

// Every source neuron reaches every target neuron. Row j: the weights from j to all targets.
class Dense final : public Topology {
  public:
    using Topology::Topology;

    Matrix make_weights() const override { return Matrix(pre_count(), post_count()); }
    std::uint64_t synapses(std::span<const std::uint32_t> spikes) const override {
        return spikes.size() * std::uint64_t{post_count()};
    }
    bool reaches_all() const override { return true; }

    void deliver(const Matrix& weights, std::span<const std::uint32_t> spikes,
                 float* input) const override {
        kernels::add_listed_rows(input, weights.row(0), weights.stride, weights.stride, spikes);
    }
    void touch(std::span<const std::uint32_t>, Frontier& frontier) const override {
        frontier.insert_all();
    }
    void add_bias(const Matrix& bias, float* input) const override {
        kernels::add(input, bias.row(0), bias.stride);
    }
    std::uint64_t add_rows(Matrix& gradient, const std::uint32_t* mask, const float* rows,
                           std::size_t stride, const float* carry_scale,
                           const float* carry) const override {
        return post_count() * kernels::add_masked_rows(gradient.row(0), gradient.stride,
                                                       gradient.stride, pre_count(), mask, rows,
                                                       stride, carry_scale, carry);
    }
    void add_bias_gradient(Matrix& gradient, const float* post) const override {
        kernels::add(gradient.row(0), post, gradient.stride);
    }
    std::uint64_t backproject(const Matrix& weights, const float* post, float* pre) const override {
        kernels::add_products(pre, weights.row(0), weights.stride, weights.stride, pre_count(),
                              post);
        return std::uint64_t{pre_count()} * post_count();
    }
};

}  // namespace

TopologyType dense_topology() {
    return {"dense",
            "every source neuron to every target neuron",
            {},
            [](const nlohmann::json&, std::uint32_t, std::uint32_t) { return std::string(); },
            [](const nlohmann::json&, std::uint32_t pre, std::uint32_t post)
                -> std::unique_ptr<Topology> { return std::make_unique<Dense>(pre, post); }};
}

}  // namespace synfire
