#include <algorithm>

#include "kernels/dense_gradient.hpp"
#include "kernels/row_sums.hpp"
#include "kernels/rows.hpp"
#include "synfire/simd.hpp"
#include "topologies/topology_kinds.hpp"

namespace synfire {
namespace {

// Every source neuron reaches every target neuron. Row j: the weights from j to all targets.
class Dense final : public Topology {
  public:
    using Topology::Topology;

    Matrix make_weights() const override { return Matrix(pre_count(), post_count()); }
    float fan_in() const override { return static_cast<float>(pre_count()); }
    std::uint64_t synapses(std::span<const std::uint32_t> spikes) const override {
        return spikes.size() * std::uint64_t{post_count()};
    }
    std::uint64_t synapse_count() const override {
        return std::uint64_t{pre_count()} * post_count();
    }
    bool reaches_all() const override { return true; }

    void deliver(const Matrix& weights, std::span<const std::uint32_t> spikes,
                 float* input) const override {
        kernels::add_listed_rows(input, weights.row(0), weights.stride, spikes);
    }
    bool gains_from_many() const override {
        constexpr std::size_t first_level_cache = std::size_t{32} << 10;
        return pre_count() * padded(post_count()) * sizeof(float) > first_level_cache;
    }
    void deliver_ticks(const Matrix& weights, std::span<const std::span<const std::uint32_t>> ticks,
                       std::span<const float> start, Matrix& inputs) const override {
        constexpr std::size_t few = 8;  // ticks that are not worth a plan
        if (ticks.size() <= few) return Topology::deliver_ticks(weights, ticks, start, inputs);
        constexpr std::uint32_t most = 768;  // rows whose sums fit the second-level cache
        static_assert(most <= RowPlan::most_rows);
        thread_local RowPlan plan_of_thread;
        thread_local std::vector<float*> to_of_thread;
        RowPlan& plan = plan_of_thread;
        std::vector<float*>& to = to_of_thread;
        to.clear();
        for (std::size_t k = 0; k < ticks.size(); ++k) to.push_back(inputs.row(k));
        for (std::uint32_t first = 0; first < pre_count(); first += most) {
            const std::uint32_t rows = std::min(most, pre_count() - first);
            plan.begin(to, rows);
            std::uint64_t* const words = plan.words(0);
            const std::size_t step = ticks.size();
            for (std::size_t k = 0; k < step; ++k)
                for (std::uint32_t j : ticks[k])
                    if (j -= first; j < rows)
                        words[j / 64 * step + k] |= std::uint64_t{1} << j % 64;
            plan.finish(true);
            row_sums::add(plan, {weights.row(first), weights.stride, weights.stride},
                          first == 0 ? start.data() : nullptr);
        }
    }
    void deliver_to(const SynapseWeights& weights, std::span<const std::uint32_t> spikes,
                    const Sums& sums, Targets targets) const override {
        const double all = weights.all * static_cast<double>(spikes.size());
        if (!weights.each)
            for (std::uint32_t i = targets.begin; i < targets.end; ++i)
                sums.add(i - targets.begin, all);
        else if (sums.first)
            for (const std::uint32_t j : spikes)
                kernels::add(sums.first, weights.each->row(j) + targets.begin,
                             targets.end - targets.begin);
        else
            for (const std::uint32_t j : spikes)
                for (std::uint32_t i = targets.begin; i < targets.end; ++i)
                    sums.add(i - targets.begin, weights.each->row(j)[i]);
    }
    void deliver_scaled(const Matrix& weights, const ScaledSpikes& spikes,
                        float* input) const override {
        for (std::size_t k = 0; k < spikes.sources.size(); ++k) {
            const auto factor = static_cast<float>(spikes.factors[k]);
            const float* const row = weights.row(spikes.sources[k]);
            for (std::size_t i = 0; i < weights.stride; ++i) input[i] += factor * row[i];
        }
    }
    void deliver_scaled_to(const SynapseWeights& weights, const ScaledSpikes& spikes,
                           const Sums& sums, Targets targets) const override {
        for (std::size_t k = 0; k < spikes.sources.size(); ++k)
            for (std::uint32_t i = targets.begin; i < targets.end; ++i)
                sums.add(i - targets.begin, spikes.factors[k] * weights.of(spikes.sources[k], i));
    }
    void deliver_by_sign(const SynapseWeights& weights, const ScaledSpikes& spikes,
                         const SignedSums& sums, Targets targets) const override {
        if (!weights.each || !spikes.factors.empty() || sums.positive.lazy)
            return Topology::deliver_by_sign(weights, spikes, sums, targets);
        double* __restrict positive = sums.positive.first, * __restrict negative =
                                                               sums.negative.first;
        simd::run([&]() SYNFIRE_INLINE_LAMBDA {
            const std::size_t count = targets.end - targets.begin;
            for (const std::uint32_t j : spikes.sources) {
                const float* __restrict row = weights.each->row(j) + targets.begin;
                for (std::size_t i = 0; i < count; ++i) {
                    const double weight = row[i];
                    positive[i] += weight < 0 ? 0.0 : weight;
                    negative[i] += weight < 0 ? weight : 0.0;
                }
            }
        });
    }
    void for_each_synapse(std::uint32_t source, const SynapseVisitor& visit) const override {
        for (std::uint32_t i = 0; i < post_count(); ++i) visit(i, source, i);
    }
    void touch(std::span<const std::uint32_t>, Frontier& frontier) const override {
        frontier.insert_all();
    }
    bool has_row_per_source() const override { return true; }
    std::uint64_t add_rows(Matrix& gradient, GradientRows& rows) const override {
        return post_count() * synfire::add_rows({{{gradient, 0}}}, rows);
    }
    // Row i: the weights from all sources to target i.
    void transpose(const Matrix& weights, Matrix& transposed) const override {
        if (transposed.rows == 0) transposed = Matrix(post_count(), pre_count());
        kernels::transpose(weights, transposed);
    }
    std::uint64_t backproject(const BackwardWeights& through, const float* post,
                              float* pre) const override {
        return backproject_many({{{through, post, pre}}});
    }
    std::uint64_t backproject_many(std::span<const Backprojection> many) const override {
        thread_local std::vector<kernels::ScaledSum> sums;
        sums.clear();
        for (const Backprojection& one : many) sums.push_back({one.pre, one.post, one.anew});
        const Matrix& w = many.front().through.transposed;
        return pre_count() *
               kernels::add_scaled_rows(sums, w.row(0), w.stride, w.stride, post_count());
    }
};

}  // namespace

TopologyType dense_topology() {
    TopologyType type{"dense",
                      "every source neuron to every target neuron",
                      {},
                      [](const nlohmann::json&, const Extent&, const Extent&) { return Misfit{}; },
                      [](const nlohmann::json&, const Extent& pre, const Extent& post,
                         const Draws&) -> std::unique_ptr<Topology> {
                          return std::make_unique<Dense>(pre.size, post.size);
                      }};
    type.standardisable = true;
    return type;
}

}  // namespace synfire
