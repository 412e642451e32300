// Synapses that all have one weight, as a matrix of bits: row j has a bit for each target neuron
// that source j reaches. Where many of all pairs are joined, this is smaller than lists of targets,
// and counting how many of some sources reach each target takes a few operations on 512 targets at
// once: full adders on bit planes (Harley and Seal; Mula, Kurz and Lemire 2018) in place of an
// addition a synapse. A target that a source reaches more than once is listed apart for every time
// but the first.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/matrix.hpp"
#include "topologies/connection_draw.hpp"

namespace synfire {

class BitRows {
  public:
    static constexpr std::uint32_t block = 512;  // targets of one vector
    // From this share of all pairs on, rows of bits take fewer bytes than lists of 16-bit targets.
    static constexpr double least_density = 1.0 / 16;

    explicit BitRows(const ConnectionDraw& draw);

    // Synapses of a source.
    std::uint32_t degree(std::uint32_t source) const { return degrees_[source]; }
    std::uint64_t count() const { return count_; }
    // input[i - begin] += weight * the number of synapses from these sources to target i, for
    // begin <= i < end. begin is a multiple of `block`.
    void add(std::span<const std::uint32_t> sources, double weight, double* input,
             std::uint32_t begin, std::uint32_t end) const;
    // Calls visit(target) for every synapse of a source.
    template <class Visit>
    void for_each(std::uint32_t source, Visit visit) const {
        const std::uint64_t* row = bits_.data() + source * words_;
        for (std::size_t w = 0; w < words_; ++w)
            for (std::uint64_t word = row[w]; word != 0; word &= word - 1)
                visit(static_cast<std::uint32_t>(w * 64) +
                      static_cast<std::uint32_t>(__builtin_ctzll(word)));
        for (std::uint32_t k = again_begin_[source]; k < again_begin_[source + 1]; ++k)
            visit(again_[k]);
    }
    std::size_t bytes() const;

  private:
    std::size_t words_;  // of a row, a multiple of 8
    AlignedVector<std::uint64_t> bits_;
    std::vector<std::uint32_t> again_begin_, again_;  // by source, ascending
    std::vector<std::uint32_t> degrees_;
    std::uint64_t count_ = 0;
};

}  // namespace synfire
