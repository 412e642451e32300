#include <fmt/format.h>

#include "topologies/topology_kinds.hpp"

namespace synfire {
namespace {

// Source neuron i reaches target neuron i. One row: weight i.
class OneToOne final : public Topology {
  public:
    using Topology::Topology;

    Matrix make_weights() const override { return Matrix(1, post_count()); }
    float fan_in() const override { return 1; }
    std::uint64_t synapse_count() const override { return post_count(); }
    std::uint64_t synapses(std::span<const std::uint32_t> spikes) const override {
        return spikes.size();
    }

    void deliver(const Matrix& weights, std::span<const std::uint32_t> spikes,
                 float* input) const override {
        const float* w = weights.row(0);
        for (const std::uint32_t i : spikes) input[i] += w[i];
    }
    void deliver_to(const SynapseWeights& weights, std::span<const std::uint32_t> spikes,
                    const Sums& sums, Targets targets) const override {
        for (const std::uint32_t i : spikes)
            if (i >= targets.begin && i < targets.end)
                sums.add(i - targets.begin, weights.each ? weights.each->row(0)[i] : weights.all);
    }
    void for_each_synapse(std::uint32_t source, const SynapseVisitor& visit) const override {
        visit(source, 0, source);
    }
    void touch(std::span<const std::uint32_t> spikes, Frontier& frontier) const override {
        for (const std::uint32_t i : spikes) frontier.insert(i);
    }
    std::uint64_t add_rows(Matrix& gradient, GradientRows& rows) const override {
        rows.sort();
        float* g = gradient.row(0);
        std::uint64_t added = 0;
        for (std::uint32_t i = 0; i < pre_count(); ++i) {
            for (const std::uint32_t k : rows.of(i)) g[i] += rows.row(k)[i];
            added += rows.of(i).size();
            for (std::uint32_t o = 0; o < rows.outer_count(); ++o)
                if (const float scale = rows.scale(o, i); scale != 0.0f) {
                    g[i] += scale * rows.outer_row(o)[i];
                    ++added;
                }
        }
        return added;
    }
    std::uint64_t backproject(const BackwardWeights& through, const float* post,
                              float* pre) const override {
        const float* w = through.weights.row(0);
        for (std::uint32_t i = 0; i < pre_count(); ++i) pre[i] += w[i] * post[i];
        return pre_count();
    }
};

}  // namespace

TopologyType one_to_one_topology() {
    TopologyType type{
        "one_to_one",
        "source neuron i to target neuron i",
        {},
        [](const nlohmann::json&, const Extent& pre, const Extent& post) {
            Misfit misfit;
            if (pre.size != post.size)
                misfit.reason = fmt::format(
                    "one_to_one joins populations of equal size, and these have {} and {} "
                    "neurons.",
                    pre.size, post.size);
            return misfit;
        },
        [](const nlohmann::json&, const Extent& pre, const Extent& post,
           const Draws&) -> std::unique_ptr<Topology> {
            return std::make_unique<OneToOne>(pre.size, post.size);
        }};
    type.amount = [](const nlohmann::json&, const Extent& pre, const Extent&) {
        return static_cast<double>(pre.size);
    };
    return type;
}

}  // namespace synfire
