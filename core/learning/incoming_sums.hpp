// Where a rule has the weights that lead to a neuron keep a sum (weight_sum in abi.h): scales them
// to it by size, within the rule's range. A kernel's weights are those of one channel.
#pragma once

#include <cstdint>
#include <vector>

#include "network/network.hpp"

namespace synfire {

class IncomingSums {
  public:
    // number: of the projection, whose rule has a sum. Throws InputError where a neuron's weights
    // are too few to reach it.
    IncomingSums(const Projection& projection, std::size_t number);

    // Groups of weights, one a target neuron or channel.
    std::uint32_t size() const;
    // Scales those of groups begin..end-1 in which there was a change. Where one would leave the
    // range, it stays at its bound and the others of its group make up for it; those at 0 stay.
    void scale(Matrix& weights, const Matrix& changes, std::uint32_t begin,
               std::uint32_t end) const;

  private:
    // of(row, column) for each weight of a group.
    template <class Of>
    void for_each(std::uint32_t group, Of&& of) const;

    double sum_, low_, high_;
    std::uint32_t rows_, columns_;  // of the matrix, a column of which is a group, unless
    std::vector<std::uint32_t> begin_, listed_;  // synapses are listed: columns by target
};

}  // namespace synfire
