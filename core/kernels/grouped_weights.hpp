// A dense projection's weights with sums formed ahead: source neurons that fire often are put into
// groups of four, and the table has a row for each of the 15 sums of rows of a group. What fires of
// a group at one tick then takes one row in place of up to four. Source neurons that fire seldom
// keep a row each.
//
// Worth its while where one set of weights serves many ticks. The sums of a tick are those of the
// weights up to the order of addition, which depends on the groups.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/matrix.hpp"

namespace synfire {

class GroupedWeights {
  public:
    // Whether there is no table to deliver from.
    bool empty() const { return group_count_ == 0; }
    void clear() { group_count_ = 0; }

    // Chooses groups of neurons that fire about equally often, or none where nothing would be
    // gained. counts: spikes of each source neuron in so many ticks. uses: ticks that the table is
    // to serve.
    // columns: of the weights.
    void choose(std::span<const std::uint32_t> counts, std::uint64_t ticks, std::uint64_t uses,
                std::uint32_t columns);
    // The table is filled in parts, which may be done at the same time.
    std::size_t part_count() const;
    void fill(const Matrix& weights, std::size_t number);

    // input += the weights of each source neuron of the list.
    void deliver(std::span<const std::uint32_t> spikes, float* input) const;
    std::size_t bytes() const { return table_.bytes(); }

  private:
    struct Place {
        std::uint16_t group;  // one past the last for a neuron in none
        std::uint8_t bit;     // of the neuron, in its group
        std::uint8_t single;  // 1: in none
        std::uint32_t row;    // of a neuron in none
    };

    std::uint32_t group_count_ = 0;
    std::vector<std::uint32_t> order_;  // source neurons: those in groups first, group by group
    std::vector<Place> places_;         // by source neuron
    Matrix table_;                      // 15 rows a group, by the bits in the sum; then single rows
};

}  // namespace synfire
