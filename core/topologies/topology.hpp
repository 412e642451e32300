// How a projection's synapses lie between two populations. Four primitives are all that delivery
// and learning rules need to know of it; each is vectorised once, here in the host.
//
// Weights (and gradients, which have the same form) are a Matrix whose columns stand for the units
// that share one set of incoming weights: target neurons for `dense`, channels for `conv2d`. Summed
// inputs and signals are arrays over neurons, aligned and padded as in matrix.hpp.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "base/matrix.hpp"
#include "kernels/frontier.hpp"
#include "kernels/gradient_rows.hpp"
#include "kernels/lazy_sums.hpp"
#include "kernels/map_shape.hpp"

namespace synfire {

// What a topology is told of a population that it joins.
struct Extent {
    std::uint32_t size = 0;
    std::optional<MapShape> shape;
};

// What a learning signal is carried back through, besides the topology itself.
struct BackwardWeights {
    const Matrix& weights;
    const Matrix& transposed;                   // what Topology::transpose made of them
    std::span<const std::uint32_t> pre_spikes;  // of the source at the tick in question, ascending
};

// A vector over target neurons and the one over source neurons that it is added to, seen through
// the weights.
struct Backprojection {
    BackwardWeights through;
    const float* post;
    float* pre;
    bool anew = false;  // `pre` counts from 0, whatever it holds
};

// Weights of synapses onto neurons that sum their input in double precision: one a synapse, in the
// order of the matrix and in its precision, or as a list gives them, or one for all.
struct SynapseWeights {
    const Matrix* each = nullptr;    // null: listed, or
    const double* listed = nullptr;  // null: all
    double all = 0;

    double of(std::uint32_t row, std::uint32_t column) const {
        return each ? each->row(row)[column] : listed ? listed[column] : all;
    }
};

// What neurons have received in double precision: an array, or where neurons are lazily kept.
struct Sums {
    double* first = nullptr;
    LazySums* lazy = nullptr;  // in place of `first`
    std::uint32_t which = 0;   // of a lazily kept neuron's sums

    void add(std::size_t i, double w) const {
        if (lazy)
            lazy->add(which, i, w);
        else
            first[i] += w;
    }
};

// The same apart for weights below 0, and for all others, 0 among them.
struct SignedSums {
    Sums positive, negative;

    const Sums& of(double weight) const { return weight < 0 ? negative : positive; }
};

// Spikes of source neurons, each of which counts for its factor.
struct ScaledSpikes {
    std::span<const std::uint32_t> sources;
    std::span<const double> factors;
};

// Target neurons begin..end-1; begin is a multiple of 512, as parts of a population are.
struct Targets {
    std::uint32_t begin, end;
};

class Topology {
  public:
    Topology(std::uint32_t pre_count, std::uint32_t post_count)
        : pre_count_(pre_count), post_count_(post_count) {}
    virtual ~Topology() = default;

    // Source neurons, counted as events name them, and target neurons.
    std::uint32_t pre_count() const { return pre_count_; }
    std::uint32_t post_count() const { return post_count_; }

    // An all-zero matrix for the weights; without rows where there is nothing to learn.
    virtual Matrix make_weights() const = 0;
    // Number of incoming weights of a target neuron (their mean, where it varies).
    virtual float fan_in() const = 0;
    // Length of the bias: how many sets of incoming weights there are.
    virtual std::uint32_t bias_count() const { return post_count_; }
    // Initial weights that the network's file lists, in the order of the matrix, of one row; or
    // none.
    virtual std::span<const double> given_weights() const { return {}; }
    // The topology as the network's file names it, without an average pooling in front.
    virtual const Topology& own() const { return *this; }
    // Extents of the weights where these are a kernel that many synapses share; else none.
    virtual std::vector<std::uint64_t> kernel_shape() const { return {}; }
    // visit(target, row, column) for every synapse of a source: its weight is that element of the
    // matrix. By ascending target where every synapse has a weight of its own.
    using SynapseVisitor =
        std::function<void(std::uint32_t target, std::uint32_t row, std::uint32_t column)>;
    virtual void for_each_synapse(std::uint32_t source, const SynapseVisitor& visit) const;
    // Bytes of what says where synapses lie.
    virtual std::size_t bytes() const { return 0; }
    // Number of synapses: of pairs of neurons that are joined, each as often as it is. Poolings
    // have none.
    virtual std::uint64_t synapse_count() const = 0;
    // Whether the place of each synapse is kept by itself, so that an event reads it.
    virtual bool lists_synapses() const { return false; }
    // What one event counts for: the factor between the weights that are learned and those that
    // deliver and backproject are given, apart from standardisation.
    virtual float amplitude() const { return 1.0f; }
    // Number of synapses that leave these source neurons: what their spikes cost to deliver.
    virtual std::uint64_t synapses(std::span<const std::uint32_t> spikes) const = 0;
    // Whether a spike reaches every target neuron, so that touching single ones gains nothing.
    virtual bool reaches_all() const { return false; }

    // 1. input += the weights of each spiking neuron, in the order of the list.
    virtual void deliver(const Matrix& weights, std::span<const std::uint32_t> spikes,
                         float* input) const = 0;
    // Row k of the inputs = start, as long as a row, and the weights of each spiking neuron of
    // ticks[k], none of which may be listed twice. With many ticks sums may be formed in another
    // order.
    virtual void deliver_ticks(const Matrix& weights,
                               std::span<const std::span<const std::uint32_t>> ticks,
                               std::span<const float> start, Matrix& inputs) const;
    // Whether many ticks or vectors at once are faster than one by one: where rows of weights push
    // each other out of the first-level cache.
    virtual bool gains_from_many() const { return false; }
    // deliver, in double precision and for some of the targets: sums are theirs alone. Of types
    // that have weights. Kernels have one for each of their elements.
    virtual void deliver_to(const SynapseWeights& weights, std::span<const std::uint32_t> spikes,
                            const Sums& sums, Targets targets) const;
    // deliver and deliver_to, of spikes that count for more or less than one.
    virtual void deliver_scaled(const Matrix& weights, const ScaledSpikes& spikes,
                                float* input) const;
    virtual void deliver_scaled_to(const SynapseWeights& weights, const ScaledSpikes& spikes,
                                   const Sums& sums, Targets targets) const;
    // deliver_to, or, where the spikes have factors, deliver_scaled_to, for neurons that tell signs
    // apart: what weights below 0 bring goes to sums of its own.
    virtual void deliver_by_sign(const SynapseWeights& weights, const ScaledSpikes& spikes,
                                 const SignedSums& sums, Targets targets) const;
    // Marks the target neurons that the spikes reach.
    virtual void touch(std::span<const std::uint32_t> spikes, Frontier& frontier) const = 0;
    // Adds the bias to the input of every target neuron.
    virtual void add_bias(const Matrix& bias, float* input) const;
    // Whether row j of the weights is that of source neuron j, with a column for each target.
    virtual bool has_row_per_source() const { return false; }
    // 2. The gradient += what waits in `rows`, which it may sort; returns the number of
    // multiply-accumulates.
    virtual std::uint64_t add_rows(Matrix& gradient, GradientRows& rows) const = 0;
    // The gradient of the bias += post, summed over the neurons that share one.
    virtual void add_bias_gradient(Matrix& gradient, const float* post) const;
    // 3. pre += weights times a vector over post, through its elements that are not 0; returns the
    // number of multiply-accumulates.
    virtual std::uint64_t backproject(const BackwardWeights& through, const float* post,
                                      float* pre) const = 0;
    // The same for several pairs of vectors that go through one set of weights.
    virtual std::uint64_t backproject_many(std::span<const Backprojection> many) const;
    // A second form of the weights that backproject reads where that is faster, or nothing.
    virtual void transpose(const Matrix& /*weights*/, Matrix& /*transposed*/) const {}

  private:
    std::uint32_t pre_count_, post_count_;
};

}  // namespace synfire
