// The neurons of a population that is lazily kept. A neuron's variables and the tick at which they
// stand lie side by side in a record, so touching one of very many costs a cache line. Those
// touched at a tick are brought together in columns, as plugins see state (kernels/lazy_sums.hpp).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "engine/state.hpp"
#include "kernels/lazy_sums.hpp"

namespace synfire {

class LazyNeurons {
  public:
    // The last tick that can be reached.
    static constexpr std::int64_t last_tick = LazySums::in_columns - 2;

    // doubles: sums of input in double precision that a neuron has, 0 to 2.
    LazyNeurons(const synfire_description& description, std::span<const double> parameters,
                std::uint32_t count, std::uint32_t doubles);
    LazyNeurons(const LazyNeurons&) = delete;
    LazyNeurons& operator=(const LazyNeurons&) = delete;

    void reset();

    // A tick begins: nothing has been touched.
    void begin_tick(std::int64_t tick);
    // Makes room in the columns for so many more neurons, at most.
    void reserve(std::uint64_t more);
    LazySums& sums() { return sums_; }

    // Of the neurons touched, in the order in which they were: numbers, state, sums, and the ticks
    // before at which nothing reached them.
    std::span<const std::uint32_t> touched() const { return {neurons_.data(), sums_.count}; }
    void* const* columns() const { return columns_.columns(); }
    // Null where neurons have no such sum.
    const double* sum(std::uint32_t which) const {
        return which < doubles_ ? sums_.sums[which] : nullptr;
    }
    const std::uint32_t* silent_ticks() const { return silent_ticks_.data(); }
    // Puts the state in the columns back: the neurons touched stand at this tick.
    void put_back();

    // A copy of all neurons' state, and how many ticks before `tick` each stands.
    StateColumns all(std::int64_t tick, std::vector<std::uint32_t>& silent_ticks) const;

    std::size_t bytes() const { return records_.size(); }

  private:
    // An element of a record.
    struct Element {
        std::size_t variable, part, offset, bytes;

        void copy(std::byte* to, const std::byte* from) const;
    };
    void add_elements(std::size_t bytes);
    std::uint32_t anchor(std::size_t i) const;
    const std::byte* record(std::size_t i) const {
        return records_.data() + i * sums_.layout.bytes;
    }

    const synfire_description& description_;
    std::vector<double> parameters_;
    std::uint32_t count_, doubles_;
    std::vector<Element> elements_;
    std::vector<std::byte*> column_of_;  // an element
    AlignedVector<std::byte> records_;
    std::size_t room_ = 0;  // in the columns
    StateColumns columns_;
    AlignedVector<double> doubles_of_[2];
    std::vector<std::uint32_t> neurons_, silent_ticks_;
    LazySums sums_;
};

}  // namespace synfire
