#include "kernels/gradient_rows.hpp"

#include <algorithm>

#include "kernels/row_plan.hpp"
#include "kernels/rows.hpp"

namespace synfire {

// The gradient is read and written once for all that wait: the larger it is, the more. For a small
// one, as many as leave a block of their columns near the core, and all of them in the second-level
// cache.
std::uint32_t GradientRows::worthwhile_rows(std::uint32_t post_count, std::size_t gradient_bytes) {
    constexpr std::size_t fewest = 4, some = 256, most = 1000, cached = std::size_t{512} << 10;
    static_assert(most <= RowPlan::most_rows);
    const std::size_t row = padded(post_count) * sizeof(float);
    return static_cast<std::uint32_t>(
        std::clamp(std::max(std::min(some, cached / row), gradient_bytes / 4 / row), fewest, most));
}

GradientRows::GradientRows(std::uint32_t pre_count, std::uint32_t post_count,
                           std::uint32_t row_capacity)
    : pre_count_(pre_count),
      stride_(padded(post_count)),
      width_(stride_),
      row_capacity_(row_capacity),
      rows_(row_capacity_ * stride_),
      outer_rows_(outer_capacity * stride_),
      scales_(std::size_t{outer_capacity} * pre_count),
      begin_(pre_count + 1) {}

void GradientRows::add(std::span<const std::uint32_t> sources, const float* row) {
    if (row != next_row()) std::copy_n(row, stride_, next_row());
    sources_.insert(sources_.end(), sources.begin(), sources.end());
    ends_.push_back(static_cast<std::uint32_t>(sources_.size()));
    ++row_count_;
}

void GradientRows::add_outer(std::span<const float> scale, const float* row) {
    std::copy_n(row, stride_,
                outer_rows_.begin() + static_cast<std::ptrdiff_t>(outer_count_ * stride_));
    std::ranges::copy(scale, scales_.begin() + static_cast<std::ptrdiff_t>(
                                                   std::size_t{outer_count_} * pre_count_));
    ++outer_count_;
}

void GradientRows::add_counted(std::span<const std::uint32_t> sources, const float* row) {
    counted_rows_.push_back(row_count_);
    add(sources, row);
}

void GradientRows::count_spikes(std::span<const std::uint32_t> sources) {
    any_counts_ = true;
    counts_.resize(pre_count_);
    for (const std::uint32_t j : sources) counts_[j] += 1.0f;
}

void GradientRows::remove_counted(std::uint32_t count) {
    for (; count > 0 && !counted_rows_.empty() && counted_rows_.back() + 1 == row_count_; --count) {
        count_spikes(sources(--row_count_));
        counted_rows_.pop_back();
        ends_.pop_back();
        sources_.resize(row_count_ > 0 ? ends_.back() : 0);
    }
}

void GradientRows::add_outer_of_counts(const float* row) {
    for (const std::uint32_t k : counted_rows_)
        kernels::add(rows_.data() + k * stride_, row, stride_);
    counted_rows_.clear();
    if (!any_counts_) return;
    add_outer(counts_, row);
    std::ranges::fill(counts_, 0.0f);
    any_counts_ = false;
}

void GradientRows::clear() {
    for (const std::uint32_t k : counted_rows_) count_spikes(sources(k));
    counted_rows_.clear();
    row_count_ = outer_count_ = 0;
    sources_.clear();
    ends_.clear();
}

std::uint64_t GradientRows::products() const {
    const auto end =
        scales_.begin() + static_cast<std::ptrdiff_t>(std::size_t{outer_count_} * pre_count_);
    return std::uint64_t{outer_count_} * pre_count_ -
           static_cast<std::uint64_t>(std::count(scales_.begin(), end, 0.0f));
}

// A counting sort by source, which keeps the order of rows.
void GradientRows::sort() {
    std::ranges::fill(begin_, 0u);
    for (const std::uint32_t j : sources_) ++begin_[j + 1];
    for (std::uint32_t j = 0; j < pre_count_; ++j) begin_[j + 1] += begin_[j];
    sorted_.resize(sources_.size());
    for (std::uint32_t k = 0; k < row_count_; ++k)
        for (const std::uint32_t j : sources(k)) sorted_[begin_[j]++] = k;
    for (std::uint32_t j = pre_count_; j > 0; --j) begin_[j] = begin_[j - 1];
    begin_[0] = 0;
    reached_.clear();
    for (std::uint32_t j = 0; j < pre_count_; ++j)
        if (additions(j) > 0) reached_.push_back(j);
}

void GradientRows::move_to(GradientRows& other, std::span<const std::uint32_t> place,
                           std::span<const std::uint32_t> times) const {
    other.clear();
    std::vector<std::uint32_t> moved;
    for (std::uint32_t k = 0; k < row_count_; ++k) {
        moved.clear();
        for (const std::uint32_t j : sources(k))
            if (place[j] != UINT32_MAX) moved.insert(moved.end(), times[j], place[j]);
        other.add(moved, row(k));
    }
    std::vector<float> sums(other.pre_count_);
    for (std::uint32_t o = 0; o < outer_count_; ++o) {
        std::ranges::fill(sums, 0.0f);
        for (std::uint32_t j = 0; j < pre_count_; ++j)
            if (place[j] != UINT32_MAX)
                sums[place[j]] += static_cast<float>(times[j]) * scale(o, j);
        other.add_outer(sums, outer_row(o));
    }
}

std::size_t GradientRows::bytes() const {
    return (rows_.size() + outer_rows_.size() + scales_.size()) * sizeof(float) +
           (counted_rows_.capacity() + counts_.size() + sources_.capacity() + ends_.capacity() +
            begin_.size() + sorted_.capacity() + reached_.capacity()) *
               sizeof(std::uint32_t);
}

}  // namespace synfire
