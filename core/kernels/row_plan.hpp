// Which rows of a matrix go into each of many sums, and the additions that this takes.
//
// Rows are taken one by one, or, where that is fewer additions, in groups of four whose 15 sums are
// formed once: what a sum takes of a group is then one term.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace synfire {

class RowPlan {
  public:
    static constexpr std::uint32_t group = 4;           // rows
    static constexpr std::uint32_t sums = 1u << group;  // of a group, the empty one included
    static constexpr std::uint32_t columns = 32;        // that are summed at a time
    static constexpr std::uint32_t most_rows = 1020;    // for which terms are 16 bits

    // So many elements may be read beyond the last listed sum; they stand for sums of the list.
    static constexpr std::size_t beyond = 8;
    struct Sum {
        float* to;
        std::uint32_t number;
    };
    // Listed sums, one after the other, with so many terms each.
    struct Run {
        std::uint32_t terms, sums;
    };

    // Starts anew: sum s is to be added to where to[s] points, which is kept until finish, and
    // takes none of the rows, at most most_rows.
    void begin(std::span<float* const> to, std::uint32_t rows);
    // Word s of the 64-bit words that say which of the rows 64 w and on sum s takes, a bit each.
    // The words of w + 1 follow those of w.
    std::uint64_t* words(std::uint32_t w) { return bits_.data() + std::size_t{w} * to_.size(); }
    // To be called once all bits are set. all: sums that take no row are listed as well.
    void finish(bool all);
    // How many bits were set.
    std::uint64_t row_additions() const { return row_additions_; }

    bool grouped() const { return grouped_; }
    std::uint32_t row_count() const { return rows_; }
    std::span<const Sum> listed() const {
        return std::span(listed_).first(listed_.size() - beyond);
    }
    std::span<const Run> runs() const { return runs_; }
    // Terms of the listed sums, one sum after the other: the number of a row; or, for the sum of
    // the rows of group g whose bits m has, where it begins in a table of all sums, 16 g + m times
    // `columns` floats, counted in pairs of floats.
    const std::uint16_t* terms() const { return terms_.data(); }

  private:
    struct Additions {
        std::uint64_t rows = 0;   // one by one
        std::uint64_t terms = 0;  // of all sums
    };
    template <bool Grouped>
    Additions count_additions();
    void order(bool all);
    template <bool Grouped>
    void list_terms();

    std::span<float* const> to_;
    std::uint32_t rows_ = 0;
    std::uint64_t row_additions_ = 0;
    bool grouped_ = false;
    std::vector<std::uint64_t> bits_;
    std::vector<std::uint32_t> counts_, begin_;
    std::vector<Sum> listed_ = std::vector<Sum>(beyond);
    std::vector<Run> runs_;
    std::vector<std::uint16_t> terms_;
};

}  // namespace synfire
