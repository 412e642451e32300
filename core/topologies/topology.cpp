#include "topologies/topology.hpp"

#include <algorithm>
#include <stdexcept>

#include "kernels/rows.hpp"
#include "topologies/topology_kinds.hpp"

namespace synfire {

const std::vector<TopologyType>& topology_types() {
    static const std::vector<TopologyType> types = {
        dense_topology(),    one_to_one_topology(),       sparse_topology(),
        conv2d_topology(),   conv_transpose2d_topology(), max_pool_topology(),
        avg_pool_topology(), identity_topology(),         upsample_topology()};
    return types;
}

// Of a bias a target neuron.
void Topology::add_bias(const Matrix& bias, float* input) const {
    kernels::add(input, bias.row(0), bias.stride);
}

void Topology::add_bias_gradient(Matrix& gradient, const float* post) const {
    kernels::add(gradient.row(0), post, gradient.stride);
}

void Topology::deliver_ticks(const Matrix& weights,
                             std::span<const std::span<const std::uint32_t>> ticks,
                             std::span<const float> start, Matrix& inputs) const {
    for (std::uint32_t k = 0; k < ticks.size(); ++k) {
        std::ranges::copy(start, inputs.row(k));
        deliver(weights, ticks[k], inputs.row(k));
    }
}

std::uint64_t Topology::backproject_many(std::span<const Backprojection> many) const {
    std::uint64_t products = 0;
    for (const Backprojection& one : many) {
        if (one.anew) std::fill_n(one.pre, pre_count_, 0.0f);
        products += backproject(one.through, one.post, one.pre);
    }
    return products;
}

void Topology::deliver_to(const SynapseWeights&, std::span<const std::uint32_t>, const Sums&,
                          Targets) const {
    throw std::logic_error("this topology does not feed double-precision neurons");
}

void Topology::deliver_scaled(const Matrix& weights, const ScaledSpikes& spikes,
                              float* input) const {
    for (std::size_t k = 0; k < spikes.sources.size(); ++k) {
        const auto factor = static_cast<float>(spikes.factors[k]);
        for_each_synapse(spikes.sources[k],
                         [&](std::uint32_t target, std::uint32_t row, std::uint32_t column) {
                             input[target] += factor * weights.row(row)[column];
                         });
    }
}

void Topology::deliver_scaled_to(const SynapseWeights& weights, const ScaledSpikes& spikes,
                                 const Sums& sums, Targets targets) const {
    for (std::size_t k = 0; k < spikes.sources.size(); ++k)
        for_each_synapse(
            spikes.sources[k], [&](std::uint32_t target, std::uint32_t row, std::uint32_t column) {
                if (target >= targets.begin && target < targets.end)
                    sums.add(target - targets.begin, spikes.factors[k] * weights.of(row, column));
            });
}

void Topology::deliver_by_sign(const SynapseWeights& weights, const ScaledSpikes& spikes,
                               const SignedSums& sums, Targets targets) const {
    for (std::size_t k = 0; k < spikes.sources.size(); ++k) {
        const double factor = spikes.factors.empty() ? 1.0 : spikes.factors[k];
        for_each_synapse(spikes.sources[k],
                         [&](std::uint32_t target, std::uint32_t row, std::uint32_t column) {
                             if (target < targets.begin || target >= targets.end) return;
                             const double weight = weights.of(row, column);
                             sums.of(weight).add(target - targets.begin, factor * weight);
                         });
    }
}

void Topology::for_each_synapse(std::uint32_t, const SynapseVisitor&) const {
    throw std::logic_error("this topology does not list its synapses");
}

const TopologyType& topology_type(const nlohmann::json& projection) {
    return *std::ranges::find(topology_types(), projection.at("topology").get<std::string>(),
                              &TopologyType::name);
}

}  // namespace synfire
