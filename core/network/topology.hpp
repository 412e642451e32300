// How a projection's synapses lie between two populations. Four primitives are all that delivery
// and learning rules need to know of it; each is vectorised once, here in the host.
//
// Weights (and gradients, which have the same form) are a Matrix whose columns stand for the units
// that share one set of incoming weights: target neurons for `dense`. Summed inputs and signals are
// arrays over neurons, aligned and padded as in matrix.hpp.
#pragma once

#include <cstdint>
#include <memory>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <vector>

#include "base/matrix.hpp"
#include "network/form.hpp"
#include "network/frontier.hpp"

namespace synfire {

class Topology {
  public:
    Topology(std::uint32_t pre_count, std::uint32_t post_count)
        : pre_count_(pre_count), post_count_(post_count) {}
    virtual ~Topology() = default;

    std::uint32_t pre_count() const { return pre_count_; }
    std::uint32_t post_count() const { return post_count_; }

    // An all-zero matrix for the weights. Its number of rows is the fan-in of a unit.
    virtual Matrix make_weights() const = 0;
    // Length of the bias: the number of columns of the weights.
    std::uint32_t bias_count() const { return make_weights().columns; }
    // Number of synapses that leave these source neurons: what their spikes cost to deliver.
    virtual std::uint64_t synapses(std::span<const std::uint32_t> spikes) const = 0;
    // Whether a spike reaches every target neuron, so that touching single ones gains nothing.
    virtual bool reaches_all() const = 0;

    // 1. input += the weights of each spiking neuron, in the order of the list.
    virtual void deliver(const Matrix& weights, std::span<const std::uint32_t> spikes,
                         float* input) const = 0;
    // Marks the target neurons that the spikes reach.
    virtual void touch(std::span<const std::uint32_t> spikes, Frontier& frontier) const = 0;
    // Adds the bias to the input of every target neuron.
    virtual void add_bias(const Matrix& bias, float* input) const = 0;
    // 2. The gradient's rows, as synfire_rule_primitives.add_rows defines them; returns the number
    // of multiply-accumulates.
    virtual std::uint64_t add_rows(Matrix& gradient, const std::uint32_t* mask, const float* rows,
                                   std::size_t stride, const float* carry_scale,
                                   const float* carry) const = 0;
    // The gradient of the bias += post, summed over the neurons that share one.
    virtual void add_bias_gradient(Matrix& gradient, const float* post) const = 0;
    // 3. pre += weights times a vector over post; returns the number of multiply-accumulates.
    virtual std::uint64_t backproject(const Matrix& weights, const float* post,
                                      float* pre) const = 0;

  private:
    std::uint32_t pre_count_, post_count_;
};

// A kind of topology as the JSON names it.
struct TopologyType {
    std::string name;
    std::string doc;
    std::vector<Field> fields;  // beside those of every projection
    // The reason why the kind cannot join two populations of these sizes, or "".
    std::string (*misfit)(const nlohmann::json& projection, std::uint32_t pre, std::uint32_t post);
    std::unique_ptr<Topology> (*make)(const nlohmann::json& projection, std::uint32_t pre,
                                      std::uint32_t post);
};

const std::vector<TopologyType>& topology_types();

}  // namespace synfire
