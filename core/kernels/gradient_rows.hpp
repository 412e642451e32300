// Pending additions to the gradient of a projection's weights: rows for lists of source neurons,
// and outer products of a vector over sources with a row. A row of the gradient is then loaded and
// stored once for many of them.
//
// Rows are arrays over target neurons, aligned and padded as in matrix.hpp. The order of additions
// is fixed: to each row of the gradient, first the rows in the order of the calls, then the outer
// products in theirs.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/matrix.hpp"

namespace synfire {

class GradientRows {
  public:
    // How many rows are worth holding for a gradient of so many bytes.
    static std::uint32_t worthwhile_rows(std::uint32_t post_count, std::size_t gradient_bytes);
    // row_capacity: the most pending rows.
    GradientRows(std::uint32_t pre_count, std::uint32_t post_count, std::uint32_t row_capacity);

    // Adds the row to that of each of these source neurons, twice where one is listed twice.
    void add(std::span<const std::uint32_t> sources, const float* row);
    // The same, and counts each of them until add_outer_of_counts.
    void add_counted(std::span<const std::uint32_t> sources, const float* row);
    // Counts them without a row.
    void count_spikes(std::span<const std::uint32_t> sources);
    // Removes the last `count` rows, as far as they were counted and are still pending; their
    // neurons stay counted.
    void remove_counted(std::uint32_t count);
    // Adds n * row to the row of each source neuron that has been counted n times, and counts from
    // 0.
    void add_outer_of_counts(const float* row);
    // Where the next row will stand: add() copies nothing if its row was filled here.
    float* next_row() { return rows_.data() + row_count_ * stride_; }
    // Adds scale[j] * row to row j.
    void add_outer(std::span<const float> scale, const float* row);

    bool empty() const { return row_count_ == 0 && outer_count_ == 0; }
    // Whether there is no space for another row or outer product.
    bool full() const { return row_count_ == row_capacity_ || outer_count_ == outer_capacity; }
    // Drops all pending additions, not the counts.
    void clear();
    // Whether there is space for as many more rows as are pending and counted.
    bool has_space_for_counted() const {
        return row_capacity_ - row_count_ >= counted_rows_.size();
    }

    // From now on, rows that are read are so many of their columns from one on, multiples of 16.
    void look_at(std::size_t first, std::size_t width) {
        first_ = first;
        width_ = width;
    }

    std::uint32_t pre_count() const { return pre_count_; }
    std::size_t stride() const { return stride_; }  // of rows
    std::size_t width() const { return width_; }    // all of them, unless look_at says otherwise
    std::uint32_t row_count() const { return row_count_; }
    std::uint32_t row_capacity() const { return row_capacity_; }
    const float* row(std::uint32_t number) const {
        return rows_.data() + number * stride_ + first_;
    }
    // Source neurons that get a row, in the order of the call.
    std::span<const std::uint32_t> sources(std::uint32_t row) const {
        const std::uint32_t begin = row > 0 ? ends_[row - 1] : 0;
        return {sources_.data() + begin, sources_.data() + ends_[row]};
    }
    // How often a source neuron gets a row, summed over rows, and an outer product.
    std::uint64_t row_additions() const { return sources_.size(); }
    std::uint64_t products() const;

    std::uint32_t outer_count() const { return outer_count_; }
    float scale(std::uint32_t outer, std::uint32_t source) const {
        return scales_[std::size_t{outer} * pre_count_ + source];
    }
    const float* outer_row(std::uint32_t outer) const {
        return outer_rows_.data() + outer * stride_ + first_;
    }
    // The same with each source neuron replaced by `place[source]`, times[source] times, those of
    // UINT32_MAX left out; scales of neurons at one place are added.
    void move_to(GradientRows& other, std::span<const std::uint32_t> place,
                 std::span<const std::uint32_t> times) const;

    // To be called before the functions below, after the last addition.
    void sort();

    // Source neurons that get anything, ascending.
    std::span<const std::uint32_t> reached() const { return reached_; }
    // How many rows and outer products a source neuron gets.
    std::uint32_t additions(std::uint32_t source) const {
        std::uint32_t count = begin_[source + 1] - begin_[source];
        for (std::uint32_t o = 0; o < outer_count_; ++o) count += scale(o, source) != 0.0f;
        return count;
    }
    // Numbers of the rows that a source neuron gets, ascending.
    std::span<const std::uint32_t> of(std::uint32_t source) const {
        return {sorted_.data() + begin_[source], sorted_.data() + begin_[source + 1]};
    }

    std::size_t bytes() const;

  private:
    static constexpr std::uint32_t outer_capacity = 4;

    std::uint32_t pre_count_;
    std::size_t stride_, first_ = 0, width_;
    std::uint32_t row_capacity_;
    std::uint32_t row_count_ = 0, outer_count_ = 0;
    AlignedVector<float> rows_, outer_rows_;
    std::vector<float> scales_;
    // Pending rows whose neurons are counted, and the counts of rows that are pending no more.
    std::vector<std::uint32_t> counted_rows_;
    std::vector<float> counts_;
    bool any_counts_ = false;
    // Spikes in the order of the calls: those of row k end at ends_[k].
    std::vector<std::uint32_t> sources_, ends_;
    std::vector<std::uint32_t> begin_, sorted_, reached_;
};

}  // namespace synfire
