#include "topologies/relay.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "topologies/topology_kinds.hpp"

namespace synfire {
namespace {

std::uint64_t common_area(std::span<const HandedOn> parts) {
    std::uint64_t area = 1;
    for (const HandedOn& part : parts) area = std::lcm(area, std::uint64_t{part.area});
    return area;
}

class BehindRelay final : public Topology {
  public:
    BehindRelay(std::span<const HandedOn> parts, std::uint32_t source_count,
                std::unique_ptr<Topology> inner)
        : Topology(source_count, inner->post_count()),
          area_(common_area(parts)),
          inner_(std::move(inner)) {
        for (const HandedOn& part : parts) {
            place_.insert(place_.end(), part.place.begin(), part.place.end());
            times_.resize(place_.size(), static_cast<std::uint32_t>(area_ / part.area));
        }
    }

    Matrix make_weights() const override { return inner_->make_weights(); }
    float fan_in() const override { return inner_->fan_in(); }
    std::uint32_t bias_count() const override { return inner_->bias_count(); }
    std::uint64_t synapse_count() const override { return inner_->synapse_count(); }
    float amplitude() const override { return 1.0f / static_cast<float>(area_); }
    std::span<const double> given_weights() const override { return inner_->given_weights(); }
    const Topology& own() const override { return *inner_; }
    std::uint64_t synapses(std::span<const std::uint32_t> spikes) const override {
        return inner_->synapses(placed(spikes));
    }
    bool reaches_all() const override { return inner_->reaches_all(); }

    void deliver(const Matrix& weights, std::span<const std::uint32_t> spikes,
                 float* input) const override {
        const std::span<std::uint32_t> events = placed(spikes);
        std::ranges::sort(events);  // those of a place follow those of its neighbours
        inner_->deliver(weights, events, input);
    }
    void touch(std::span<const std::uint32_t> spikes, Frontier& frontier) const override {
        inner_->touch(placed(spikes), frontier);
    }
    void for_each_synapse(std::uint32_t source, const SynapseVisitor& visit) const override {
        if (place_[source] == HandedOn::nowhere) return;
        for (std::uint32_t time = 0; time < times_[source]; ++time)
            inner_->for_each_synapse(place_[source], visit);
    }
    void add_bias(const Matrix& bias, float* input) const override {
        inner_->add_bias(bias, input);
    }
    std::uint64_t add_rows(Matrix& gradient, GradientRows& rows) const override {
        GradientRows placed(inner_->pre_count(), post_count(), rows.row_capacity());
        rows.move_to(placed, place_, times_);
        return inner_->add_rows(gradient, placed);
    }
    void add_bias_gradient(Matrix& gradient, const float* post) const override {
        inner_->add_bias_gradient(gradient, post);
    }
    void transpose(const Matrix& weights, Matrix& transposed) const override {
        inner_->transpose(weights, transposed);
    }
    std::uint64_t backproject(const BackwardWeights& through, const float* post,
                              float* pre) const override {
        thread_local AlignedVector<float> placed;
        placed.assign(padded(inner_->pre_count()), 0.0f);
        const std::uint64_t products = inner_->backproject(through, post, placed.data());
        for (std::uint32_t j = 0; j < pre_count(); ++j)
            if (place_[j] != HandedOn::nowhere)
                pre[j] += static_cast<float>(times_[j]) * placed[place_[j]];
        return products;
    }

  private:
    // Each event as often as it counts.
    std::span<std::uint32_t> placed(std::span<const std::uint32_t> spikes) const {
        thread_local std::vector<std::uint32_t> places;
        places.clear();
        for (const std::uint32_t j : spikes)
            if (place_[j] != HandedOn::nowhere) places.insert(places.end(), times_[j], place_[j]);
        return places;
    }

    std::uint64_t area_;
    std::vector<std::uint32_t> place_, times_;  // by source neuron
    std::unique_ptr<Topology> inner_;
};

// What leads onto a relay whose events are taken from what feeds it: no weights.
class PartOfRelay final : public Topology {
  public:
    PartOfRelay(std::uint32_t neurons, std::uint32_t first, std::uint32_t all)
        : Topology(neurons, all), first_(first) {}

    Matrix make_weights() const override { return {}; }
    float fan_in() const override { return 1; }
    std::uint32_t bias_count() const override { return 0; }
    std::uint64_t synapse_count() const override { return 0; }
    std::uint64_t synapses(std::span<const std::uint32_t> spikes) const override {
        return spikes.size();
    }
    void add_bias(const Matrix&, float*) const override {}
    std::uint64_t add_rows(Matrix&, GradientRows&) const override { return 0; }
    void add_bias_gradient(Matrix&, const float*) const override {}
    void deliver(const Matrix&, std::span<const std::uint32_t> spikes,
                 float* input) const override {
        for (const std::uint32_t j : spikes) input[first_ + j] += 1.0f;
    }
    void touch(std::span<const std::uint32_t> spikes, Frontier& frontier) const override {
        for (const std::uint32_t j : spikes) frontier.insert(first_ + j);
    }
    std::uint64_t backproject(const BackwardWeights&, const float* post,
                              float* pre) const override {
        for (std::uint32_t j = 0; j < pre_count(); ++j) pre[j] += post[first_ + j];
        return pre_count();
    }

  private:
    std::uint32_t first_;
};

}  // namespace

HandedOn through(const HandedOn& first, const HandedOn& second) {
    HandedOn both{first.place, first.area * second.area, first.population};
    for (std::uint32_t& place : both.place)
        if (place != HandedOn::nowhere) place = second.place[place];
    return both;
}

std::uint64_t most_times(std::span<const HandedOn> parts) {
    std::uint64_t smallest = common_area(parts), area = smallest;
    for (const HandedOn& part : parts) area = std::min(area, std::uint64_t{part.area});
    return smallest / area;
}

std::unique_ptr<Topology> behind_relay(std::span<const HandedOn> parts,
                                       std::unique_ptr<Topology> inner) {
    std::uint32_t neurons = 0;
    for (const HandedOn& part : parts) neurons += static_cast<std::uint32_t>(part.place.size());
    return std::make_unique<BehindRelay>(parts, neurons, std::move(inner));
}

std::unique_ptr<Topology> part_of_relay(std::uint32_t neurons, std::uint32_t first,
                                        std::uint32_t all) {
    return std::make_unique<PartOfRelay>(neurons, first, all);
}

// The whole of a relay that has nothing else.
TopologyType identity_topology() {
    TopologyType type{
        "identity",
        "onto a relay: hands on each neuron's spikes; a relay may have several, and avg_pools, "
        "whose spikes and shares add up",
        {},
        [](const nlohmann::json&, const Extent& pre, const Extent& post) {
            Misfit misfit;
            auto extent = [](const Extent& e) {
                if (!e.shape) return fmt::format("{} neurons", e.size);
                return fmt::format("[{}, {}, {}]", e.shape->channels, e.shape->rows,
                                   e.shape->columns);
            };
            if (extent(pre) != extent(post))
                misfit.reason = fmt::format(
                    "identity hands on a map as it is: the source has {} and the target {}; they "
                    "should be equal.",
                    extent(pre), extent(post));
            return misfit;
        },
        [](const nlohmann::json&, const Extent& pre, const Extent&,
           const Draws&) -> std::unique_ptr<Topology> {
            return std::make_unique<PartOfRelay>(pre.size, 0, pre.size);
        }};
    type.pools = true;
    type.hands_on = [](const nlohmann::json&, const Extent& pre, const Extent&) {
        HandedOn all;
        all.place.resize(pre.size);
        std::iota(all.place.begin(), all.place.end(), 0u);
        return all;
    };
    type.amount = [](const nlohmann::json&, const Extent&, const Extent&) { return 0.0; };
    return type;
}

}  // namespace synfire
