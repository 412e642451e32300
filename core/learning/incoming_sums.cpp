#include "learning/incoming_sums.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/problem.hpp"

namespace synfire {

IncomingSums::IncomingSums(const Projection& projection, std::size_t number)
    : sum_(projection.rule->weight_sum()),
      low_(projection.rule->weight_range().low),
      high_(projection.rule->weight_range().high),
      rows_(projection.weights.rows),
      columns_(projection.weights.columns) {
    const Topology& topology = *projection.topology;
    std::uint32_t least = rows_;
    if (topology.lists_synapses()) {
        std::vector<std::vector<std::uint32_t>> by_target(topology.post_count());
        for (std::uint32_t j = 0; j < topology.pre_count(); ++j)
            topology.for_each_synapse(
                j, [&](std::uint32_t target, std::uint32_t, std::uint32_t column) {
                    by_target[target].push_back(column);
                });
        begin_ = {0};
        least = UINT32_MAX;
        for (const auto& columns : by_target) {
            listed_.insert(listed_.end(), columns.begin(), columns.end());
            begin_.push_back(static_cast<std::uint32_t>(listed_.size()));
            if (!columns.empty())
                least = std::min(least, static_cast<std::uint32_t>(columns.size()));
        }
    }
    const double most = std::max(std::fabs(low_), std::fabs(high_));
    if (least * most < sum_)
        throw InputError(
            {{fmt::format("/network/projections/{}/rule/parameters", number),
              fmt::format("Weights of '{}' cannot reach the sum of {:.9g} that its rule asks for: "
                          "{} lead to a neuron, of a size of at most {:.9g} each; at most {:.9g} "
                          "is allowed.",
                          projection.name, sum_, least, most, least * most),
              "", 0}});
}

std::uint32_t IncomingSums::size() const {
    return begin_.empty() ? columns_ : static_cast<std::uint32_t>(begin_.size() - 1);
}

template <class Of>
void IncomingSums::for_each(std::uint32_t group, Of&& of) const {
    if (begin_.empty())
        for (std::uint32_t r = 0; r < rows_; ++r) of(r, group);
    else
        for (std::uint32_t k = begin_[group]; k < begin_[group + 1]; ++k) of(0u, listed_[k]);
}

void IncomingSums::scale(Matrix& weights, const Matrix& changes, std::uint32_t begin,
                         std::uint32_t end) const {
    struct Place {
        float* weight;
        double size, most;
    };
    std::vector<Place> places;
    for (std::uint32_t group = begin; group < end; ++group) {
        places.clear();
        bool changed = false;
        for_each(group, [&](std::uint32_t r, std::uint32_t c) {
            changed = changed || changes.row(r)[c] != 0;
            float& w = weights.row(r)[c];
            if (w != 0) places.push_back({&w, std::fabs(double{w}), w < 0 ? -low_ : high_});
        });
        if (!changed) continue;
        for (double left = sum_; !places.empty();) {
            double size = 0;
            for (const Place& place : places) size += place.size;
            const double factor = left / size;
            const auto bound = std::partition(places.begin(), places.end(), [&](const Place& p) {
                return static_cast<float>(p.size * factor) <= static_cast<float>(p.most);
            });
            const bool all = bound == places.end();
            for (auto place = all ? places.begin() : bound; place != places.end(); ++place) {
                const double to = all ? place->size * factor : place->most;
                *place->weight = static_cast<float>(std::copysign(to, *place->weight));
                left -= to;
            }
            if (all) break;
            places.erase(bound, places.end());
        }
    }
}

}  // namespace synfire
