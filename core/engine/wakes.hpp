// When neurons that are lazily kept and may fire by themselves have to be visited: a tick a neuron,
// at the latest, before which it is silent for certain unless something reaches it.
#pragma once

#include <cstdint>
#include <limits>
#include <vector>

namespace synfire {

class Wakes {
  public:
    static constexpr std::int64_t never = std::numeric_limits<std::int64_t>::max();

    // Every one of so many neurons is to be visited at a tick, or never.
    void reset(std::uint32_t count, std::int64_t tick);

    bool empty() const { return heap_.empty(); }
    // Whether a neuron is still to be visited.
    bool pending(std::uint32_t neuron) const { return !heap_.empty() && due_[neuron] != never; }
    // A neuron is to be visited at `tick` in place of what was said of it before.
    void set(std::uint32_t neuron, std::int64_t tick);
    // The first tick at which one is to be visited, or never.
    std::int64_t next() const { return heap_.empty() ? never : heap_.front().tick; }
    // Puts those to be visited at `tick`, or earlier, into the list; they are no longer pending.
    void take(std::int64_t tick, std::vector<std::uint32_t>& due);

  private:
    struct Entry {
        std::int64_t tick;
        std::uint32_t neuron;
        bool operator>(const Entry& other) const { return tick > other.tick; }
    };
    void pop();
    void drop_outdated();

    std::uint32_t count_ = 0;
    std::vector<std::int64_t> due_;  // by neuron; an entry of another tick is outdated
    std::vector<Entry> heap_;        // the earliest first, which is not outdated
};

}  // namespace synfire
