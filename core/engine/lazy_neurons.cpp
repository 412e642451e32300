#include "engine/lazy_neurons.hpp"

#include <algorithm>
#include <bit>

namespace synfire {

LazyNeurons::LazyNeurons(const synfire_description& description, std::span<const double> parameters,
                         std::uint32_t count, std::uint32_t doubles)
    : description_(description),
      parameters_(parameters.begin(), parameters.end()),
      count_(count),
      doubles_(doubles),
      columns_(description, parameters, {.neurons = 0}) {
    LazySums::Any& layout = sums_.layout;
    add_elements(8);
    layout.wide = elements_.size();
    add_elements(4);
    layout.narrow = elements_.size() - layout.wide;
    layout.anchor = 8 * layout.wide + 4 * layout.narrow;
    layout.bytes = (layout.anchor + sizeof(std::uint32_t) + 7) / 8 * 8;
    column_of_.resize(elements_.size());
    records_.resize(count * layout.bytes);
    sums_.records = records_.data();
    sums_.columns = column_of_.data();
    reset();
    reserve(count / 16);  // few ticks reach more, so that room is seldom made while running
}

void LazyNeurons::add_elements(std::size_t bytes) {
    for (std::size_t v = 0; v < columns_.variable_count(); ++v)
        for (std::size_t part = 0; columns_.element_bytes(v) == bytes && part < columns_.parts(v);
             ++part) {
            const std::size_t offset =
                elements_.empty() ? 0 : elements_.back().offset + elements_.back().bytes;
            elements_.push_back({v, part, offset, bytes});
        }
}

void LazyNeurons::Element::copy(std::byte* to, const std::byte* from) const {
    if (bytes == 8)
        std::memcpy(to, from, 8);
    else
        std::memcpy(to, from, 4);
}

void LazyNeurons::reset() {
    std::ranges::fill(records_, std::byte{0});
    const StateColumns first(description_, parameters_, {.neurons = 1});
    for (const Element& e : elements_)
        for (std::size_t i = 0; i < count_; ++i)
            e.copy(records_.data() + i * sums_.layout.bytes + e.offset,
                   first.element(e.variable, e.part, 0));
    sums_.count = 0;
}

void LazyNeurons::begin_tick(std::int64_t tick) {
    sums_.now = static_cast<std::uint32_t>(tick + 1);
    sums_.count = 0;
}

void LazyNeurons::reserve(std::uint64_t more) {
    const std::size_t wanted = std::min<std::uint64_t>(count_, sums_.count + more);
    if (wanted <= room_) return;
    room_ = std::bit_ceil(std::max<std::size_t>(wanted, 64));
    StateColumns wider(description_, parameters_, {.neurons = static_cast<std::uint32_t>(room_)});
    for (std::size_t e = 0; e < elements_.size(); ++e) {
        std::byte* const column = wider.element(elements_[e].variable, elements_[e].part, 0);
        if (sums_.count > 0) std::copy_n(column_of_[e], sums_.count * elements_[e].bytes, column);
        column_of_[e] = column;
    }
    columns_ = std::move(wider);
    neurons_.resize(room_);
    silent_ticks_.resize(room_);
    sums_.neurons = neurons_.data();
    sums_.silent_ticks = silent_ticks_.data();
    // One at least, for neurons without: there is a place to clear.
    for (std::uint32_t d = 0; d < std::max(doubles_, 1u); ++d) {
        doubles_of_[d].resize(room_);
        sums_.sums[d] = doubles_of_[d].data();
    }
}

void LazyNeurons::put_back() {
    constexpr std::size_t ahead = 16;  // neurons
    sums_.with_layout([&](const auto& layout) {
        const std::size_t count = sums_.count;
        for (std::size_t k = 0; k < count; ++k) {
            const std::size_t far = neurons_[std::min(k + ahead, count - 1)];
            __builtin_prefetch(records_.data() + far * layout.bytes, 1);
            std::byte* const record = records_.data() + neurons_[k] * layout.bytes;
            for (std::size_t e = 0; e < layout.wide; ++e)
                std::memcpy(record + 8 * e, column_of_[e] + 8 * k, 8);
            for (std::size_t e = 0; e < layout.narrow; ++e)
                std::memcpy(record + 8 * layout.wide + 4 * e, column_of_[layout.wide + e] + 4 * k,
                            4);
            std::memcpy(record + layout.anchor, &sums_.now, sizeof sums_.now);
        }
    });
}

std::uint32_t LazyNeurons::anchor(std::size_t i) const {
    std::uint32_t tick;
    std::memcpy(&tick, record(i) + sums_.layout.anchor, sizeof tick);
    return tick;
}

StateColumns LazyNeurons::all(std::int64_t tick, std::vector<std::uint32_t>& silent_ticks) const {
    StateColumns state(description_, parameters_, {.neurons = count_});
    silent_ticks.resize(count_);
    for (std::size_t i = 0; i < count_; ++i) {
        silent_ticks[i] = static_cast<std::uint32_t>(tick + 1) - anchor(i);
        for (const Element& e : elements_)
            e.copy(state.element(e.variable, e.part, i), record(i) + e.offset);
    }
    return state;
}

}  // namespace synfire
