#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "base/workers.hpp"
#include "topologies/bit_rows.hpp"
#include "topologies/connection_draw.hpp"
#include "topologies/topology_kinds.hpp"

namespace synfire {
namespace {

struct Synapse {
    std::uint32_t pre, post;
    double weight = 0;
};

// Single synapses, kept as rows by source: the synapses begin[j] .. begin[j+1]-1 leave neuron j, by
// ascending target. The weights are one row with an element a synapse. Index is as narrow as the
// target population allows.
template <class Index>
class Sparse final : public Topology {
  public:
    // From a list.
    Sparse(std::uint32_t pre_count, std::uint32_t post_count, std::vector<Synapse> synapses,
           bool weights_given)
        : Topology(pre_count, post_count), begin_(pre_count + 1), target_(synapses.size()) {
        std::ranges::stable_sort(synapses, [](const Synapse& a, const Synapse& b) {
            return std::pair(a.pre, a.post) < std::pair(b.pre, b.post);
        });
        for (const Synapse& s : synapses) ++begin_[s.pre + 1];
        std::partial_sum(begin_.begin(), begin_.end(), begin_.begin());
        for (std::size_t k = 0; k < synapses.size(); ++k)
            target_[k] = static_cast<Index>(synapses[k].post);
        if (weights_given)
            for (const Synapse& s : synapses) given_.push_back(s.weight);
    }
    // At random. Drawn twice, to count and to fill, so that no list of pairs is ever held.
    explicit Sparse(const ConnectionDraw& draw)
        : Topology(draw.pre_count, draw.post_count), begin_(draw.pre_count + 1) {
        // Parts of the drawers, each with its own place in every row.
        constexpr std::uint32_t parts = 16;
        std::vector<std::vector<std::uint32_t>> places(parts,
                                                       std::vector<std::uint32_t>(draw.pre_count));
        auto for_each_pair = [&](auto visit) {
            in_parallel(parts, [&](std::size_t part) {
                std::vector<bool> taken;
                std::vector<std::uint32_t> partners;
                const auto edge = [&](std::size_t p) {
                    return static_cast<std::uint32_t>(draw.drawers() * p / parts);
                };
                for (std::uint32_t drawer = edge(part); drawer < edge(part + 1); ++drawer) {
                    draw.draw(drawer, taken, partners);
                    for (const std::uint32_t partner : partners)
                        draw.by_target() ? visit(part, partner, drawer)
                                         : visit(part, drawer, partner);
                }
            });
        };
        for_each_pair(
            [&](std::size_t part, std::uint32_t source, std::uint32_t) { ++places[part][source]; });
        std::uint32_t at = 0;
        for (std::uint32_t j = 0; j < draw.pre_count; ++j) {
            begin_[j] = at;
            for (auto& place : places) at += std::exchange(place[j], at);
        }
        begin_[draw.pre_count] = at;
        target_.resize(at);
        for_each_pair([&](std::size_t part, std::uint32_t source, std::uint32_t target) {
            target_[places[part][source]++] = static_cast<Index>(target);
        });
        if (!draw.by_target())
            in_parallel(draw.pre_count, [&](std::size_t j) {
                std::sort(target_.begin() + begin_[j], target_.begin() + begin_[j + 1]);
            });
    }

    Matrix make_weights() const override {
        return Matrix(1, static_cast<std::uint32_t>(target_.size()));
    }
    float fan_in() const override {
        return std::max(1.0f,
                        static_cast<float>(target_.size()) / static_cast<float>(post_count()));
    }
    std::span<const double> given_weights() const override { return given_; }
    std::size_t bytes() const override {
        return begin_.size() * sizeof(std::uint32_t) + target_.size() * sizeof(Index);
    }
    std::uint64_t synapse_count() const override { return target_.size(); }
    bool lists_synapses() const override { return true; }
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
    void deliver_to(const SynapseWeights& weights, std::span<const std::uint32_t> spikes,
                    const Sums& sums, Targets targets) const override {
        if (sums.lazy) return deliver_lazily(weights, spikes, sums, targets);
        double* shifted = sums.first - targets.begin;
        for (const std::uint32_t j : spikes) {
            const auto [first, last] = part_of_row(j, targets);
            if (weights.each)
                for (std::uint32_t s = first; s < last; ++s)
                    shifted[target_[s]] += weights.each->row(0)[s];
            else if (weights.listed)
                for (std::uint32_t s = first; s < last; ++s)
                    shifted[target_[s]] += weights.listed[s];
            else
                for (std::uint32_t s = first; s < last; ++s) {
                    __builtin_prefetch(
                        &shifted[target_[std::min<std::size_t>(s + ahead, target_.size() - 1)]], 1);
                    shifted[target_[s]] += weights.all;
                }
        }
    }
    void deliver_scaled(const Matrix& weights, const ScaledSpikes& spikes,
                        float* input) const override {
        const float* w = weights.row(0);
        for (std::size_t k = 0; k < spikes.sources.size(); ++k) {
            const std::uint32_t j = spikes.sources[k];
            const auto factor = static_cast<float>(spikes.factors[k]);
            for (std::uint32_t s = begin_[j]; s < begin_[j + 1]; ++s)
                input[target_[s]] += factor * w[s];
        }
    }
    void deliver_scaled_to(const SynapseWeights& weights, const ScaledSpikes& spikes,
                           const Sums& sums, Targets targets) const override {
        for (std::size_t k = 0; k < spikes.sources.size(); ++k) {
            const auto [first, last] = part_of_row(spikes.sources[k], targets);
            for (std::uint32_t s = first; s < last; ++s)
                sums.add(target_[s] - targets.begin, spikes.factors[k] * weights.of(0, s));
        }
    }
    void deliver_by_sign(const SynapseWeights& weights, const ScaledSpikes& spikes,
                         const SignedSums& sums, Targets targets) const override {
        if (!weights.each || !spikes.factors.empty() || sums.positive.lazy)
            return Topology::deliver_by_sign(weights, spikes, sums, targets);
        const float* const w = weights.each->row(0);
        double* const to[] = {sums.positive.first - targets.begin,
                              sums.negative.first - targets.begin};
        for (const std::uint32_t j : spikes.sources) {
            const auto [first, last] = part_of_row(j, targets);
            for (std::uint32_t s = first; s < last; ++s) to[w[s] < 0][target_[s]] += w[s];
        }
    }
    void for_each_synapse(std::uint32_t source, const SynapseVisitor& visit) const override {
        for (std::uint32_t s = begin_[source]; s < begin_[source + 1]; ++s) visit(target_[s], 0, s);
    }
    void touch(std::span<const std::uint32_t> spikes, Frontier& frontier) const override {
        for (const std::uint32_t j : spikes)
            for (std::uint32_t s = begin_[j]; s < begin_[j + 1]; ++s) frontier.insert(target_[s]);
    }
    std::uint64_t add_rows(Matrix& gradient, GradientRows& rows) const override {
        rows.sort();
        float* g = gradient.row(0);
        std::uint64_t added = 0;
        for (const std::uint32_t j : rows.reached()) {
            const std::span<const Index> targets{target_.data() + begin_[j],
                                                 target_.data() + begin_[j + 1]};
            float* of_source = g + begin_[j];
            auto add = [&](float scale, const float* row) {
                for (std::size_t s = 0; s < targets.size(); ++s)
                    of_source[s] += scale * row[targets[s]];
            };
            for (const std::uint32_t k : rows.of(j)) add(1.0f, rows.row(k));
            for (std::uint32_t o = 0; o < rows.outer_count(); ++o)
                if (const float scale = rows.scale(o, j); scale != 0.0f)
                    add(scale, rows.outer_row(o));
            added += rows.additions(j) * targets.size();
        }
        return added;
    }
    std::uint64_t backproject(const BackwardWeights& through, const float* post,
                              float* pre) const override {
        const float* w = through.weights.row(0);
        std::uint64_t products = 0;
        // Also where post is 0, without a branch; every fourth synapse is added to a sum of its
        // own, so that one addition does not wait for the one before.
        for (std::uint32_t j = 0; j < pre_count(); ++j) {
            float sums[4] = {};
            auto add = [&](std::uint32_t s, std::size_t to) {
                const float signal = post[target_[s]];
                sums[to] += w[s] * signal;
                products += signal != 0.0f;
            };
            std::uint32_t s = begin_[j];
            for (; s + 4 <= begin_[j + 1]; s += 4)
                for (std::uint32_t k = 0; k < 4; ++k) add(s + k, k);
            for (; s < begin_[j + 1]; ++s) add(s, 0);
            pre[j] += (sums[0] + sums[1]) + (sums[2] + sums[3]);
        }
        return products;
    }

  private:
    static constexpr std::size_t ahead = 48;  // synapses whose targets are brought near

    // Some synapses of a row, one after the other.
    struct Piece {
        std::uint32_t begin, end;
    };
    static constexpr std::uint32_t piece = 40;  // synapses at most

    // To neurons that lie far apart: while a piece is added, what the next one will touch is
    // fetched, and the lists of those after it.
    void deliver_lazily(const SynapseWeights& weights, std::span<const std::uint32_t> spikes,
                        const Sums& sums, Targets targets) const {
        thread_local std::vector<Piece> pieces;
        pieces.clear();
        for (const std::uint32_t j : spikes)
            for (auto [first, last] = part_of_row(j, targets); first < last;) {
                const std::uint32_t end = first + std::min(piece, last - first);
                pieces.push_back({first, end});
                first = end;
            }
        if (pieces.empty()) return;
        if (weights.each)
            add_pieces(pieces, sums, targets.begin,
                       [w = weights.each->row(0)](std::size_t s) { return w[s]; });
        else if (weights.listed)
            add_pieces(pieces, sums, targets.begin,
                       [w = weights.listed](std::size_t s) { return w[s]; });
        else
            add_pieces(pieces, sums, targets.begin, [w = weights.all](std::size_t) { return w; });
    }
    template <class Weight>
    void add_pieces(std::span<const Piece> pieces, const Sums& sums, std::uint32_t first_target,
                    const Weight& weight) const {
        const Index* const target = target_.data();
        sums.lazy->with_layout([&](const auto& layout) {
            LazySums::Adder adder(*sums.lazy, layout, sums.which);
            constexpr std::size_t lists_ahead = 8;  // pieces
            for (std::size_t r = 0; r < std::min(lists_ahead, pieces.size()); ++r)
                fetch_list(pieces[r]);
            for (std::uint32_t s = pieces[0].begin; s < pieces[0].end; ++s)
                adder.fetch(target[s] - first_target);
            for (std::size_t r = 0; r < pieces.size(); ++r) {
                if (r + lists_ahead < pieces.size()) fetch_list(pieces[r + lists_ahead]);
                const Piece next = r + 1 < pieces.size() ? pieces[r + 1] : Piece{0, 0};
                std::uint32_t n = next.begin, s = pieces[r].begin;
                for (; s < pieces[r].end && n < next.end; ++s, ++n) {
                    adder.fetch(target[n] - first_target);
                    adder.add(target[s] - first_target, weight(s));
                }
                for (; s < pieces[r].end; ++s) adder.add(target[s] - first_target, weight(s));
                for (; n < next.end; ++n) adder.fetch(target[n] - first_target);
            }
        });
    }
    void fetch_list(Piece list) const {
        for (std::uint32_t s = list.begin; s < list.end; s += 64 / sizeof(Index))
            __builtin_prefetch(&target_[s]);
        __builtin_prefetch(&target_[list.end - 1]);
    }

    // The synapses of a row that lead to the targets.
    std::pair<std::uint32_t, std::uint32_t> part_of_row(std::uint32_t j, Targets targets) const {
        if (targets.begin == 0 && targets.end == post_count()) return {begin_[j], begin_[j + 1]};
        const auto row = target_.begin() + begin_[j], end = target_.begin() + begin_[j + 1];
        const auto first = std::lower_bound(row, end, targets.begin);
        const auto last = std::lower_bound(first, end, targets.end);
        return {static_cast<std::uint32_t>(first - target_.begin()),
                static_cast<std::uint32_t>(last - target_.begin())};
    }

    std::vector<std::uint32_t> begin_;
    AlignedVector<Index> target_;
    std::vector<double> given_;
};

// Synapses of one weight between many of all pairs: rows of bits.
class Counted final : public Topology {
  public:
    explicit Counted(const ConnectionDraw& draw)
        : Topology(draw.pre_count, draw.post_count), rows_(draw) {}

    Matrix make_weights() const override { return {}; }
    float fan_in() const override {
        return static_cast<float>(rows_.count()) / static_cast<float>(post_count());
    }
    std::size_t bytes() const override { return rows_.bytes(); }
    std::uint64_t synapse_count() const override { return rows_.count(); }
    bool lists_synapses() const override { return true; }
    std::uint64_t synapses(std::span<const std::uint32_t> spikes) const override {
        std::uint64_t count = 0;
        for (const std::uint32_t j : spikes) count += rows_.degree(j);
        return count;
    }
    void deliver(const Matrix&, std::span<const std::uint32_t> spikes,
                 float* input) const override {
        for (const std::uint32_t j : spikes)
            rows_.for_each(j, [&](std::uint32_t i) { input[i] += 1.0f; });
    }
    void deliver_to(const SynapseWeights& weights, std::span<const std::uint32_t> spikes,
                    const Sums& sums, Targets targets) const override {
        if (!sums.lazy)
            return rows_.add(spikes, weights.all, sums.first, targets.begin, targets.end);
        thread_local std::vector<double> together;
        together.assign(targets.end - targets.begin, 0.0);
        rows_.add(spikes, weights.all, together.data(), targets.begin, targets.end);
        for (std::size_t i = 0; i < together.size(); ++i)
            if (together[i] != 0) sums.add(i, together[i]);
    }
    void for_each_synapse(std::uint32_t source, const SynapseVisitor& visit) const override {
        std::vector<std::uint32_t> targets;
        rows_.for_each(source, [&](std::uint32_t i) { targets.push_back(i); });
        std::ranges::sort(targets);  // those that are joined again come last
        for (const std::uint32_t i : targets) visit(i, 0, 0);
    }
    void touch(std::span<const std::uint32_t> spikes, Frontier& frontier) const override {
        for (const std::uint32_t j : spikes)
            rows_.for_each(j, [&](std::uint32_t i) { frontier.insert(i); });
    }
    void add_bias(const Matrix&, float*) const override {}
    std::uint64_t add_rows(Matrix&, GradientRows&) const override { return 0; }
    void add_bias_gradient(Matrix&, const float*) const override {}
    std::uint64_t backproject(const BackwardWeights&, const float*, float*) const override {
        return 0;
    }

  private:
    BitRows rows_;
};

bool is_recurrent(const nlohmann::json& projection) {
    return projection.at("source") == projection.at("target");
}

ConnectionDraw draw_of(const nlohmann::json& projection, const Extent& pre, const Extent& post,
                       const Draws& draws) {
    ConnectionDraw d;
    d.pre_count = pre.size;
    d.post_count = post.size;
    d.seed = draws.seed;
    d.projection = draws.projection;
    d.autapses = projection.at("autapses");
    d.multapses = projection.at("multapses");
    d.recurrent = is_recurrent(projection);
    if (projection.contains("in_degree")) {
        d.degree = projection.at("in_degree");
    } else if (projection.contains("out_degree")) {
        d.kind = ConnectionDraw::Kind::out_degree;
        d.degree = projection.at("out_degree");
    } else {
        d.kind = ConnectionDraw::Kind::probability;
        d.probability = projection.at("probability");
    }
    return d;
}

Misfit misfit_of_list(const nlohmann::json& list, const Extent& pre, const Extent& post) {
    const bool weighted = !list.empty() && list[0].size() == 3;
    for (std::size_t k = 0; k < list.size(); ++k) {
        const auto& entry = list[k];
        auto index = [&](std::size_t at, std::uint32_t size) {
            const auto number = whole_of(entry[at]);
            return number && *number >= 0 && *number < size;
        };
        if (entry.size() != (weighted ? 3u : 2u) || !index(0, pre.size) || !index(1, post.size))
            return {fmt::format("{} is no synapse from one of {} neurons to one of {}; expected "
                                "[source neuron, target neuron], or all of them with a third "
                                "number, the weight.",
                                shown(entry), pre.size, post.size),
                    fmt::format("synapses/{}", k)};
        constexpr double most = std::numeric_limits<float>::max();
        if (weighted && !(std::fabs(entry[2].get<double>()) <= most))
            return {fmt::format("A weight of {} is too large; at most {:.7g} is allowed, of either "
                                "sign.",
                                entry[2].dump(), most),
                    fmt::format("synapses/{}/2", k)};
    }
    return {};
}

Misfit sparse_misfit(const nlohmann::json& projection, const Extent& pre, const Extent& post) {
    int ways = 0;
    for (const char* key : {"in_degree", "out_degree", "probability", "synapses"})
        ways += projection.contains(key);
    if (ways != 1)
        return {
            "A sparse projection needs exactly one of \"in_degree\", \"out_degree\", "
            "\"probability\" and "
            "\"synapses\"."};
    if (projection.contains("synapses"))
        return misfit_of_list(projection.at("synapses"), pre, post);
    const ConnectionDraw draw = draw_of(projection, pre, post, {});
    const char* field = projection.contains("in_degree")    ? "in_degree"
                        : projection.contains("out_degree") ? "out_degree"
                                                            : "probability";
    const std::uint32_t partners = draw.by_target() ? pre.size : post.size;
    const std::uint32_t available = partners - (draw.recurrent && !draw.autapses ? 1 : 0);
    if (available == 0 || (!draw.multapses && draw.degree > available))
        return {fmt::format("{} different {} cannot be drawn from {} neurons.", draw.degree,
                            draw.by_target() ? "sources" : "targets", available),
                field};
    if (draw.expected() > 4.2e9)
        return {fmt::format("{:.3g} synapses are too many for one projection; at most 4.2e9 are "
                            "allowed.",
                            draw.expected()),
                field};
    return {};
}

std::unique_ptr<Topology> make(const nlohmann::json& projection, const Extent& pre,
                               const Extent& post, const Draws& draws) {
    const bool narrow = post.size <= 65536;
    if (!projection.contains("synapses")) {
        const ConnectionDraw draw = draw_of(projection, pre, post, draws);
        if (draws.one_weight &&
            draw.expected() >= BitRows::least_density * pre.size * static_cast<double>(post.size))
            return std::make_unique<Counted>(draw);
        if (narrow) return std::make_unique<Sparse<std::uint16_t>>(draw);
        return std::make_unique<Sparse<std::uint32_t>>(draw);
    }
    std::vector<Synapse> synapses;
    bool weighted = false;
    for (const auto& entry : projection.at("synapses")) {
        weighted = entry.size() == 3;
        synapses.push_back({entry[0], entry[1], weighted ? entry[2].get<double>() : 0.0});
    }
    if (narrow)
        return std::make_unique<Sparse<std::uint16_t>>(pre.size, post.size, std::move(synapses),
                                                       weighted);
    return std::make_unique<Sparse<std::uint32_t>>(pre.size, post.size, std::move(synapses),
                                                   weighted);
}

}  // namespace

TopologyType sparse_topology() {
    TopologyType type{
        "sparse",
        "single synapses: drawn at random with a fixed in-degree, out-degree or probability, or "
        "listed",
        {integer("in_degree", "synapses onto each target neuron, their sources drawn at random")
             .at_least(1)
             .fits<std::uint32_t>(),
         integer("out_degree", "synapses from each source neuron, their targets drawn at random")
             .at_least(1)
             .fits<std::uint32_t>(),
         real("probability", "chance of a synapse, for each pair of neurons by itself")
             .between(0, 1),
         boolean("autapses", "whether a neuron may be drawn as its own source").otherwise(true),
         boolean("multapses", "with a degree: whether a pair may be drawn more than once")
             .otherwise(true),
         list("synapses", list("", real("", "").single(), ""),
              "every synapse: [source neuron, target neuron] or [source neuron, target neuron, "
              "weight]; onto neurons that sum their input in double precision, weights are kept in "
              "it where neither training nor a plastic rule changes them")},
        &sparse_misfit,
        &make};
    type.amount = [](const nlohmann::json& projection, const Extent& pre, const Extent& post) {
        if (!projection.contains("synapses"))
            return static_cast<double>(draw_of(projection, pre, post, {}).expected());
        return static_cast<double>(projection.at("synapses").size());
    };
    return type;
}

}  // namespace synfire
