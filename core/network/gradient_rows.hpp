// What waits to be added to the gradient of a projection's weights: rows that spikes of source
// neurons bring, and outer products of a vector over sources with a row. A row of the gradient is
// then loaded and stored once for many of them.
//
// Rows are arrays over target neurons, aligned and padded as in matrix.hpp. Everything is added in
// a fixed order: to each row of the gradient, first what spikes bring, in the order of the calls,
// then the outer products, in theirs.
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
    // row_capacity: the most rows that can wait.
    GradientRows(std::uint32_t pre_count, std::uint32_t post_count, std::uint32_t row_capacity);

    // Each of these source neurons is to get the row. A neuron may be listed twice.
    void add(std::span<const std::uint32_t> sources, const float* row);
    // The same, and the neurons are listed until add_to_listed.
    void add_listed(std::span<const std::uint32_t> sources, const float* row);
    // They are listed without a row.
    void list(std::span<const std::uint32_t> sources);
    // Takes back the last `count` rows, as far as they were listed and still wait; their neurons
    // stay listed.
    void take_back_listed(std::uint32_t count);
    // Each source neuron is to get `row` as often as it is listed.
    void add_to_listed(const float* row);
    // Where the next row will stand: add() copies nothing if its row was filled here.
    float* next_row() { return rows_.data() + row_count_ * stride_; }
    // Each source neuron j is to get scale[j] * row; nothing where scale[j] is 0.
    void add_outer(std::span<const float> scale, const float* row);

    bool empty() const { return row_count_ == 0 && outer_count_ == 0; }
    // Whether there is no room for another row or outer product.
    bool full() const { return row_count_ == row_capacity_ || outer_count_ == outer_capacity; }
    // Forgets what waits, but not how often neurons are listed.
    void clear();
    // Whether there is room for as many more rows as wait since neurons were first listed.
    bool has_room_for_listed() const { return row_capacity_ - row_count_ >= listed_rows_.size(); }

    std::uint32_t pre_count() const { return pre_count_; }
    std::size_t stride() const { return stride_; }  // of rows, and their width
    std::uint32_t row_count() const { return row_count_; }
    std::uint32_t row_capacity() const { return row_capacity_; }
    const float* row(std::uint32_t number) const { return rows_.data() + number * stride_; }
    // Source neurons that get a row, in the order of the call.
    std::span<const std::uint32_t> sources(std::uint32_t row) const {
        const std::uint32_t begin = row > 0 ? ends_[row - 1] : 0;
        return {sources_.data() + begin, sources_.data() + ends_[row]};
    }
    // How often a source neuron gets a row, summed over rows, and an outer product.
    std::uint64_t brought() const { return sources_.size(); }
    std::uint64_t products() const;

    std::uint32_t outer_count() const { return outer_count_; }
    float scale(std::uint32_t outer, std::uint32_t source) const {
        return scales_[std::size_t{outer} * pre_count_ + source];
    }
    const float* outer_row(std::uint32_t outer) const {
        return outer_rows_.data() + outer * stride_;
    }
    // The same with each source neuron replaced by `place[source]`, those of UINT32_MAX left out;
    // scales of neurons at one place are added.
    void move_to(GradientRows& other, std::span<const std::uint32_t> place) const;

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
    std::size_t stride_;
    std::uint32_t row_capacity_;
    std::uint32_t row_count_ = 0, outer_count_ = 0;
    AlignedVector<float> rows_, outer_rows_;
    std::vector<float> scales_;
    // Waiting rows whose neurons are listed, and how often each is by rows that wait no more.
    std::vector<std::uint32_t> listed_rows_;
    std::vector<float> listed_before_;
    bool any_before_ = false;
    // Spikes in the order of the calls: those of row k end at ends_[k].
    std::vector<std::uint32_t> sources_, ends_;
    std::vector<std::uint32_t> begin_, sorted_, reached_;
};

}  // namespace synfire
