#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "base/random.hpp"
#include "network/kernels.hpp"
#include "network/topology_kinds.hpp"

namespace synfire {
namespace {

struct Synapse {
    std::uint32_t pre, post;
    float weight = 0;
};

// Single synapses, kept as rows by source: the synapses begin[j] .. begin[j+1]-1 leave neuron j.
// The weights are one row with an element a synapse.
class Sparse final : public Topology {
  public:
    Sparse(std::uint32_t pre_count, std::uint32_t post_count, std::vector<Synapse> synapses,
           bool weights_given)
        : Topology(pre_count, post_count), begin_(pre_count + 1), target_(synapses.size()) {
        std::ranges::stable_sort(synapses, [](const Synapse& a, const Synapse& b) {
            return std::pair(a.pre, a.post) < std::pair(b.pre, b.post);
        });
        for (const Synapse& s : synapses) ++begin_[s.pre + 1];
        std::partial_sum(begin_.begin(), begin_.end(), begin_.begin());
        for (std::size_t k = 0; k < synapses.size(); ++k) target_[k] = synapses[k].post;
        if (weights_given)
            for (const Synapse& s : synapses) given_.push_back(s.weight);
    }

    Matrix make_weights() const override {
        return Matrix(1, static_cast<std::uint32_t>(target_.size()));
    }
    float fan_in() const override {
        return std::max(1.0f,
                        static_cast<float>(target_.size()) / static_cast<float>(post_count()));
    }
    std::span<const float> given_weights() const override { return given_; }
    std::uint64_t synapses(std::span<const std::uint32_t> spikes) const override {
        std::uint64_t count = 0;
        for (const std::uint32_t j : spikes) count += begin_[j + 1] - begin_[j];
        return count;
    }

    void deliver(const Matrix& weights, std::span<const std::uint32_t> spikes,
                 float* input) const override {
        const float* w = weights.row(0);
        for (const std::uint32_t j : spikes)
            for (std::uint32_t s = begin_[j]; s < begin_[j + 1]; ++s) input[target_[s]] += w[s];
    }
    void touch(std::span<const std::uint32_t> spikes, Frontier& frontier) const override {
        for (const std::uint32_t j : spikes)
            for (std::uint32_t s = begin_[j]; s < begin_[j + 1]; ++s) frontier.insert(target_[s]);
    }
    void add_bias(const Matrix& bias, float* input) const override {
        kernels::add(input, bias.row(0), bias.stride);
    }
    std::uint64_t add_rows(Matrix& gradient, const GradientRows& rows) const override {
        float* g = gradient.row(0);
        std::uint64_t added = 0;
        for (std::uint32_t j = 0; j < pre_count(); ++j) {
            if (!rows.reaches(j)) continue;
            const std::span<const std::uint32_t> targets{target_.data() + begin_[j],
                                                         target_.data() + begin_[j + 1]};
            float* of_source = g + begin_[j];
            auto add = [&](float scale, const float* row) {
                for (std::size_t s = 0; s < targets.size(); ++s)
                    of_source[s] += scale * row[targets[s]];
                added += targets.size();
            };
            for (const std::uint32_t k : rows.of(j)) add(1.0f, rows.row(k));
            for (std::uint32_t o = 0; o < rows.outer_count(); ++o)
                if (const float scale = rows.scale(o, j); scale != 0.0f)
                    add(scale, rows.outer_row(o));
        }
        return added;
    }
    void add_bias_gradient(Matrix& gradient, const float* post) const override {
        kernels::add(gradient.row(0), post, gradient.stride);
    }
    std::uint64_t backproject(const BackwardWeights& through, const float* post,
                              float* pre) const override {
        const float* w = through.weights.row(0);
        std::uint64_t products = 0;
        for (std::uint32_t j = 0; j < pre_count(); ++j) {
            float sum = 0;
            for (std::uint32_t s = begin_[j]; s < begin_[j + 1]; ++s)
                if (post[target_[s]] != 0.0f) {
                    sum += w[s] * post[target_[s]];
                    ++products;
                }
            pre[j] += sum;
        }
        return products;
    }

  private:
    std::vector<std::uint32_t> begin_, target_;
    std::vector<float> given_;
};

// `in_degree` sources for every target neuron, drawn from its own stream.
std::vector<Synapse> draw(const nlohmann::json& projection, std::uint32_t pre_count,
                          std::uint32_t post_count, bool recurrent, const Draws& draws) {
    const std::uint32_t degree = projection.at("in_degree");
    const bool autapses = projection.at("autapses"), multapses = projection.at("multapses");
    std::vector<Synapse> synapses;
    std::vector<bool> taken(multapses ? 0 : pre_count);
    for (std::uint32_t i = 0; i < post_count; ++i) {
        Random random(draws.seed, Stream::topology, draws.projection, i);
        const std::size_t first = synapses.size();
        while (synapses.size() < first + degree) {
            const std::uint32_t j = random.below(pre_count);
            if ((recurrent && !autapses && j == i) || (!multapses && taken[j])) continue;
            if (!multapses) taken[j] = true;
            synapses.push_back({j, i});
        }
        if (!multapses)
            for (std::size_t s = first; s < synapses.size(); ++s) taken[synapses[s].pre] = false;
    }
    return synapses;
}

bool is_recurrent(const nlohmann::json& projection) {
    return projection.at("source") == projection.at("target");
}

Misfit misfit_of_list(const nlohmann::json& list, const Extent& pre, const Extent& post) {
    const bool weighted = !list.empty() && list[0].size() == 3;
    for (std::size_t k = 0; k < list.size(); ++k) {
        const auto& entry = list[k];
        auto index = [&](std::size_t at, std::uint32_t size) {
            return entry[at] == std::floor(entry[at].get<double>()) && entry[at] >= 0 &&
                   entry[at] < size;
        };
        if (entry.size() != (weighted ? 3u : 2u) || !index(0, pre.size) || !index(1, post.size))
            return {fmt::format("{} is no synapse from one of {} neurons to one of {}; expected "
                                "[source neuron, target neuron], or all of them with a third "
                                "number, the weight.",
                                entry.dump(), pre.size, post.size),
                    fmt::format("synapses/{}", k)};
    }
    return {};
}

Misfit misfit(const nlohmann::json& projection, const Extent& pre, const Extent& post) {
    const bool drawn = projection.contains("in_degree");
    if (drawn == projection.contains("synapses"))
        return {"A sparse projection needs either \"in_degree\" or \"synapses\"."};
    if (!drawn) return misfit_of_list(projection.at("synapses"), pre, post);
    const bool without_self = is_recurrent(projection) && !projection.at("autapses").get<bool>();
    const std::uint32_t available = pre.size - (without_self ? 1 : 0);
    const std::uint32_t degree = projection.at("in_degree");
    if (available == 0 || (!projection.at("multapses").get<bool>() && degree > available))
        return {
            fmt::format("{} different sources cannot be drawn from {} neurons.", degree, available),
            "in_degree"};
    if (std::uint64_t{degree} * post.size > UINT32_MAX)
        return {fmt::format("{} synapses are too many for one projection; at most {} are allowed.",
                            std::uint64_t{degree} * post.size, UINT32_MAX),
                "in_degree"};
    return {};
}

std::unique_ptr<Topology> make(const nlohmann::json& projection, const Extent& pre,
                               const Extent& post, const Draws& draws) {
    if (projection.contains("in_degree"))
        return std::make_unique<Sparse>(
            pre.size, post.size,
            draw(projection, pre.size, post.size, is_recurrent(projection), draws), false);
    std::vector<Synapse> synapses;
    bool weighted = false;
    for (const auto& entry : projection.at("synapses")) {
        weighted = entry.size() == 3;
        synapses.push_back({entry[0], entry[1], weighted ? entry[2].get<float>() : 0.0f});
    }
    return std::make_unique<Sparse>(pre.size, post.size, std::move(synapses), weighted);
}

}  // namespace

TopologyType sparse_topology() {
    return {"sparse",
            "single synapses: drawn at random with a fixed in-degree, or listed",
            {integer("in_degree", "synapses onto each target neuron, their sources drawn at random")
                 .between(1, 4294967295.0),
             boolean("autapses", "whether a neuron may be drawn as its own source").otherwise(true),
             boolean("multapses", "whether a source may be drawn more than once for a target")
                 .otherwise(true),
             list("synapses", list("", real("", ""), ""),
                  "every synapse: [source neuron, target neuron] or [source neuron, target neuron, "
                  "weight]")},
            &misfit,
            &make};
}

}  // namespace synfire
