#include "engine/lazy_neurons.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

namespace synfire {
namespace {

constexpr std::size_t ahead =
    16;  // neurons: their records are too far apart for the CPU to foresee

// `bytes` is 4 or 8; known lengths compile to one load and one store.
void copy_element(void* to, const void* from, std::size_t bytes) {
    if (bytes == 8)
        std::memcpy(to, from, 8);
    else
        std::memcpy(to, from, 4);
}

}  // namespace

LazyNeurons::LazyNeurons(const synfire_description& description, std::span<const double> parameters,
                         std::uint32_t count, std::uint32_t doubles)
    : description_(description),
      parameters_(parameters.begin(), parameters.end()),
      count_(count),
      doubles_(doubles),
      gathered_(description, parameters, {.neurons = 0}) {
    std::size_t bytes = doubles * sizeof(double);
    // Wide elements first, so that all are aligned.
    for (const std::size_t size : {std::size_t{8}, std::size_t{4}})
        for (std::size_t v = 0; v < gathered_.variable_count(); ++v)
            if (gathered_.element_bytes(v) == size)
                for (std::size_t part = 0; part < gathered_.parts(v); ++part) {
                    elements_.push_back({v, part, bytes, size, nullptr});
                    bytes += size;
                }
    anchor_ = bytes;
    bytes += sizeof(std::uint32_t);
    record_ = (bytes + 7) / 8 * 8;
    records_.resize(count * record_);
    list_.resize(std::size_t{count} + 1);
    silent_ticks_.resize(std::size_t{count} + 1);
    touched_.last = reinterpret_cast<std::uint32_t*>(records_.data() + anchor_);
    touched_.stride = record_ / sizeof(std::uint32_t);
    touched_.list = list_.data();
    touched_.silent_ticks = silent_ticks_.data();
    reset();
}

void LazyNeurons::reset() {
    std::ranges::fill(records_, std::byte{0});
    const StateColumns first(description_, parameters_, {.neurons = 1});
    for (std::size_t i = 0; i < count_; ++i)
        for (const Element& e : elements_)
            copy_element(record(i) + e.offset, first.element(e.variable, e.part, 0), e.bytes);
}

void LazyNeurons::begin_tick(std::int64_t tick) {
    touched_.now = static_cast<std::uint32_t>(tick + 1);
    touched_.count = 0;
}

Sums LazyNeurons::sums(std::uint32_t which) {
    if (which >= doubles_) return {};
    return {reinterpret_cast<double*>(records_.data()) + which, record_ / sizeof(double),
            &touched_};
}

void LazyNeurons::make_room(std::size_t count) {
    if (count <= room_) return;
    room_ = std::bit_ceil(std::max<std::size_t>(count, 64));
    gathered_ =
        StateColumns(description_, parameters_, {.neurons = static_cast<std::uint32_t>(room_)});
    for (Element& e : elements_) e.column = gathered_.element(e.variable, e.part, 0);
    single_.resize(room_);
    for (std::uint32_t d = 0; d < doubles_; ++d) sums_[d].resize(room_);
}

void LazyNeurons::gather(float* single) {
    const auto neurons = touched();
    make_room(neurons.size());
    for (std::size_t k = 0; k < neurons.size(); ++k) {
        __builtin_prefetch(record(neurons[std::min(k + ahead, neurons.size() - 1)]), 1);
        std::byte* const at = record(neurons[k]);
        for (std::uint32_t d = 0; d < doubles_; ++d)
            sums_[d][k] = std::exchange(reinterpret_cast<double*>(at)[d], 0.0);
        for (const Element& e : elements_)
            copy_element(e.column + k * e.bytes, at + e.offset, e.bytes);
        if (single) single_[k] = std::exchange(single[neurons[k]], 0.0f);
    }
}

void LazyNeurons::scatter() {
    const auto neurons = touched();
    for (std::size_t k = 0; k < neurons.size(); ++k)
        for (const Element& e : elements_)
            copy_element(record(neurons[k]) + e.offset, e.column + k * e.bytes, e.bytes);
}

StateColumns LazyNeurons::all(std::int64_t tick, std::vector<std::uint32_t>& silent_ticks) const {
    StateColumns state(description_, parameters_, {.neurons = count_});
    silent_ticks.resize(count_);
    for (std::size_t i = 0; i < count_; ++i) {
        silent_ticks[i] = static_cast<std::uint32_t>(tick + 1) - touched_.last[i * touched_.stride];
        for (const Element& e : elements_)
            copy_element(state.element(e.variable, e.part, i), record(i) + e.offset, e.bytes);
    }
    return state;
}

}  // namespace synfire
