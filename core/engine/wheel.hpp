// The event queue: a time wheel of spike batches keyed by the tick at which they arrive. Putting in
// and taking out cost O(1); a tick with nothing to deliver is found by a scan over bits. Batches
// that arrive later than the wheel reaches wait in a heap.
#pragma once

#include <cstdint>
#include <functional>
#include <queue>
#include <span>
#include <vector>

namespace synfire {

// The spikes of one population at one tick, on their way through one projection.
struct Delivery {
    std::uint32_t projection;
    std::uint32_t batch;
};

class Wheel {
  public:
    static constexpr std::int64_t never = INT64_MAX;

    explicit Wheel(std::uint32_t longest_delay);

    // Stores the spikes, to arrive through each projection after its delay (of 1 tick at least).
    struct Route {
        std::uint32_t projection, delay;
    };
    void put(std::int64_t tick, std::span<const std::uint32_t> spikes,
             std::span<const Route> routes);

    // What arrives at `tick`, by projection. To be called for growing ticks, none that has
    // something left out; what the last call gave is then free again.
    std::span<const Delivery> take(std::int64_t tick);
    std::span<const std::uint32_t> spikes(const Delivery& delivery) const {
        return batches_[delivery.batch].spikes;
    }

    // visit(tick of arrival, spikes) for everything under way through a projection, in no order.
    using UnderWayVisitor = std::function<void(std::int64_t, std::span<const std::uint32_t>)>;
    void for_each_under_way(std::uint32_t projection, const UnderWayVisitor& visit) const;

    // The first tick after the last one taken at which something arrives, or never.
    std::int64_t next() const;
    void clear();
    // Deliveries under way, a spike counted once a projection.
    std::uint64_t depth() const { return depth_; }
    // Bytes of everything in flight and of the wheel itself.
    std::size_t bytes() const;

  private:
    struct Batch {
        std::vector<std::uint32_t> spikes;
        std::uint32_t deliveries = 0;  // still to be made
    };
    struct Late {
        std::int64_t tick;
        Delivery delivery;
        bool operator>(const Late& other) const { return tick > other.tick; }
    };

    void insert(std::int64_t tick, Delivery delivery);
    void release_taken();

    std::uint64_t mask_;  // buckets - 1
    std::int64_t now_ = -1;
    std::uint64_t depth_ = 0;
    std::vector<std::vector<Delivery>> buckets_;
    std::vector<std::uint64_t> occupied_;  // a bit a bucket
    std::priority_queue<Late, std::vector<Late>, std::greater<>> late_;
    std::vector<Batch> batches_;
    std::vector<std::uint32_t> free_;
    std::vector<Delivery> taken_;
};

}  // namespace synfire
