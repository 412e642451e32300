#include "engine/wheel.hpp"

#include <algorithm>
#include <bit>

namespace synfire {
namespace {

constexpr std::uint32_t fewest = 64;      // one word of occupancy bits
constexpr std::uint32_t most = 1u << 12;  // beyond this, delays are rare enough for the heap

}  // namespace

Wheel::Wheel(std::uint32_t longest_delay) {
    const std::uint32_t wanted = std::min(longest_delay, most - 1) + 1;
    const std::uint32_t size = std::max(fewest, std::bit_ceil(wanted));
    mask_ = size - 1;
    buckets_.resize(size);
    occupied_.resize(size / 64);
}

void Wheel::put(std::int64_t tick, std::span<const std::uint32_t> spikes,
                std::span<const Route> routes) {
    if (spikes.empty() || routes.empty()) return;
    if (free_.empty()) {
        free_.push_back(static_cast<std::uint32_t>(batches_.size()));
        batches_.emplace_back();
    }
    const std::uint32_t batch = free_.back();
    free_.pop_back();
    batches_[batch].spikes.assign(spikes.begin(), spikes.end());
    batches_[batch].deliveries = static_cast<std::uint32_t>(routes.size());
    depth_ += spikes.size() * routes.size();
    for (const Route& route : routes) {
        const Delivery delivery{route.projection, batch};
        const std::int64_t arrival = tick + route.delay;
        if (arrival - now_ > static_cast<std::int64_t>(mask_))
            late_.push({arrival, delivery});
        else
            insert(arrival, delivery);
    }
}

void Wheel::insert(std::int64_t tick, Delivery delivery) {
    const std::uint64_t bucket = static_cast<std::uint64_t>(tick) & mask_;
    buckets_[bucket].push_back(delivery);
    occupied_[bucket / 64] |= std::uint64_t{1} << (bucket % 64);
}

void Wheel::release_taken() {
    for (const Delivery& delivery : taken_)
        if (--batches_[delivery.batch].deliveries == 0) free_.push_back(delivery.batch);
    taken_.clear();
}

std::span<const Delivery> Wheel::take(std::int64_t tick) {
    release_taken();
    now_ = tick;
    while (!late_.empty() && late_.top().tick - now_ <= static_cast<std::int64_t>(mask_)) {
        insert(late_.top().tick, late_.top().delivery);
        late_.pop();
    }
    const std::uint64_t bucket = static_cast<std::uint64_t>(tick) & mask_;
    taken_.swap(buckets_[bucket]);
    occupied_[bucket / 64] &= ~(std::uint64_t{1} << (bucket % 64));
    for (const Delivery& delivery : taken_) depth_ -= spikes(delivery).size();
    std::ranges::sort(taken_, {}, &Delivery::projection);
    return taken_;
}

void Wheel::for_each_under_way(std::uint32_t projection, const UnderWayVisitor& visit) const {
    const auto start = static_cast<std::uint64_t>(now_ + 1);
    for (std::uint64_t step = 0; step <= mask_; ++step)
        for (const Delivery& delivery : buckets_[(start + step) & mask_])
            if (delivery.projection == projection)
                visit(static_cast<std::int64_t>(start + step), spikes(delivery));
    for (auto late = late_; !late.empty(); late.pop())
        if (late.top().delivery.projection == projection)
            visit(late.top().tick, spikes(late.top().delivery));
}

std::int64_t Wheel::next() const {
    const std::uint64_t size = mask_ + 1;
    const std::uint64_t start = static_cast<std::uint64_t>(now_ + 1) & mask_;
    // Whole words, beginning with the one that holds `start`; its lower bits come last.
    for (std::uint64_t step = 0; step <= size / 64; ++step) {
        const std::uint64_t word_index = (start / 64 + step) % (size / 64);
        std::uint64_t word = occupied_[word_index];
        if (step == 0) word &= ~std::uint64_t{0} << (start % 64);
        if (step == size / 64) word &= ~(~std::uint64_t{0} << (start % 64));
        if (word == 0) continue;
        const std::uint64_t bucket =
            word_index * 64 + static_cast<std::uint64_t>(std::countr_zero(word));
        return now_ + 1 + static_cast<std::int64_t>((bucket - start) & mask_);
    }
    return late_.empty() ? never : late_.top().tick;
}

void Wheel::clear() {
    for (auto& bucket : buckets_) bucket.clear();
    std::ranges::fill(occupied_, 0);
    late_ = {};
    taken_.clear();
    free_.clear();
    for (std::uint32_t b = 0; b < batches_.size(); ++b) free_.push_back(b);
    now_ = -1;
    depth_ = 0;
}

std::size_t Wheel::bytes() const {
    std::size_t bytes =
        buckets_.size() * sizeof(buckets_[0]) + occupied_.size() * 8 + late_.size() * sizeof(Late);
    for (const auto& bucket : buckets_) bytes += bucket.capacity() * sizeof(Delivery);
    for (const Batch& batch : batches_) bytes += sizeof(Batch) + batch.spikes.capacity() * 4;
    return bytes;
}

}  // namespace synfire
