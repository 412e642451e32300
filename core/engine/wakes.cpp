#include "engine/wakes.hpp"

#include <algorithm>
#include <functional>

namespace synfire {

void Wakes::reset(std::uint32_t count, std::int64_t tick) {
    count_ = count;
    heap_.clear();
    due_.clear();
    if (tick == never) return;  // room is made for the first that is set
    due_.assign(count, tick);
    for (std::uint32_t i = 0; i < count; ++i) heap_.push_back({tick, i});
}

void Wakes::set(std::uint32_t neuron, std::int64_t tick) {
    if (due_.empty()) due_.assign(count_, never);
    if (due_[neuron] == tick) return;
    due_[neuron] = tick;
    if (tick != never) {
        heap_.push_back({tick, neuron});
        std::ranges::push_heap(heap_, std::greater<>());
    }
    drop_outdated();
}

void Wakes::take(std::int64_t tick, std::vector<std::uint32_t>& due) {
    due.clear();
    while (!heap_.empty() && heap_.front().tick <= tick) {
        due.push_back(heap_.front().neuron);
        due_[due.back()] = never;
        pop();
        drop_outdated();
    }
}

void Wakes::pop() {
    std::ranges::pop_heap(heap_, std::greater<>());
    heap_.pop_back();
}

void Wakes::drop_outdated() {
    while (!heap_.empty() && due_[heap_.front().neuron] != heap_.front().tick) pop();
}

}  // namespace synfire
