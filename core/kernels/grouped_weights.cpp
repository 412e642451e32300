#include "kernels/grouped_weights.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "kernels/rows.hpp"

namespace synfire {
namespace {

constexpr std::uint32_t group_size = 4;
constexpr std::uint32_t sums = (1u << group_size) - 1;
constexpr std::size_t rows_in_part = 64;  // of the weights

}  // namespace

void GroupedWeights::choose(std::span<const std::uint32_t> counts, std::uint64_t ticks,
                            std::uint64_t uses, std::uint32_t columns) {
    // Four neurons that fire with probability p at a tick spare about 6 p^2 rows of it; their sums
    // cost as much as about 40 rows. Below 1/8 they fill the caches with rarely used rows.
    const double least = std::max(std::sqrt(7.0 / static_cast<double>(uses)), 1.0 / 8);
    const double least_count = least * static_cast<double>(ticks);
    const auto often = std::ranges::count_if(
        counts, [&](std::uint32_t count) { return static_cast<double>(count) >= least_count; });
    group_count_ = static_cast<std::uint32_t>(often) / group_size;
    if (empty()) return;

    const auto count = static_cast<std::uint32_t>(counts.size());
    order_.resize(count);
    std::iota(order_.begin(), order_.end(), 0u);
    std::ranges::stable_sort(order_, std::greater<>(), [&](std::uint32_t j) { return counts[j]; });
    const std::uint32_t grouped = group_count_ * group_size;
    std::sort(order_.begin() + grouped, order_.end());
    if (const std::uint32_t rows = group_count_ * sums + count - grouped; table_.rows < rows)
        table_ = Matrix(rows + rows / 8, columns);  // with room for a few groups more next time
    places_.resize(count);
    for (std::uint32_t k = 0; k < count; ++k)
        places_[order_[k]] = k < grouped
                                 ? Place{static_cast<std::uint16_t>(k / group_size),
                                         static_cast<std::uint8_t>(1u << k % group_size), 0, 0}
                                 : Place{static_cast<std::uint16_t>(group_count_), 0, 1,
                                         group_count_ * sums + k - grouped};
}

std::size_t GroupedWeights::part_count() const {
    return (order_.size() + rows_in_part - 1) / rows_in_part;
}

void GroupedWeights::fill(const Matrix& weights, std::size_t number) {
    const std::size_t end = std::min(order_.size(), (number + 1) * rows_in_part);
    for (std::size_t k = number * rows_in_part; k < end; ++k) {
        const float* const row = weights.row(order_[k]);
        const Place& place = places_[order_[k]];
        if (place.single) {
            std::copy_n(row, weights.stride, table_.row(place.row));
            continue;
        }
        // Sums without this neuron and those that follow it in the group are there already.
        const std::uint32_t first = place.group * sums;
        auto of_bits = [&](std::uint32_t bits) { return table_.row(first + bits - 1); };
        std::copy_n(row, weights.stride, of_bits(place.bit));
        for (std::uint32_t bits = 1; bits < place.bit; ++bits)
            kernels::sum(of_bits(place.bit + bits), of_bits(bits), row, weights.stride);
    }
}

void GroupedWeights::deliver(std::span<const std::uint32_t> spikes, float* input) const {
    thread_local std::vector<std::uint8_t> fired;   // bits, by group
    thread_local std::vector<std::uint32_t> terms;  // rows of the table
    fired.assign(group_count_ + 1, 0);
    terms.resize(std::max(terms.size(), spikes.size() + group_count_ + 1));
    // Without branches, which could not be predicted.
    std::uint32_t* term = terms.data();
    std::uint8_t* const bits = fired.data();
    const Place* const places = places_.data();
#pragma GCC unroll 4
    for (std::size_t k = 0; k < spikes.size(); ++k) {
        const Place place = places[spikes[k]];
        bits[place.group] |= place.bit;
        *term = place.row;
        term += place.single;
    }
    const std::uint32_t count = group_count_;
    for (std::uint32_t g = 0; g < count; ++g) {
        *term = g * sums + bits[g] - 1;
        term += bits[g] != 0;
    }
    kernels::add_listed_rows(input, table_.row(0), table_.stride, {terms.data(), term});
}

}  // namespace synfire
