// The neurons of a population that is lazily kept. Everything of a neuron lies side by side: what
// it has received in double precision, the tick at which its state stands, and its variables; so
// touching one of very many costs a cache line. Those touched at a tick are brought together in
// columns, as plugins see state. Ticks are kept in 32 bits.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "engine/state.hpp"
#include "network/topology.hpp"

namespace synfire {

class LazyNeurons {
  public:
    // doubles: sums of input in double precision that a neuron has, 0 to 2.
    // The last tick that can be reached.
    static constexpr std::int64_t last_tick = UINT32_MAX - 2;

    LazyNeurons(const synfire_description& description, std::span<const double> parameters,
                std::uint32_t count, std::uint32_t doubles);

    void reset();

    // A tick begins: nothing has been touched.
    void begin_tick(std::int64_t tick);
    // Sums in double precision, of excitatory (0) or inhibitory (1) input. What adds to them says
    // whom it touches; others say so through touch.
    Sums sums(std::uint32_t which);
    void touch(std::uint32_t neuron) { touched_.touch(neuron); }
    // In no order.
    std::span<const std::uint32_t> touched() const { return {list_.data(), touched_.count}; }

    // Brings the neurons touched together as they stand; their sums are 0 again. single: sums in
    // single precision, one a neuron, or null.
    void gather(float* single);
    // Of the neurons gathered, in their order: state, sums, and the ticks before at which nothing
    // reached them.
    void* const* columns() const { return gathered_.columns(); }
    const float* gathered_single() const { return single_.data(); }
    const double* gathered_input(std::uint32_t which) const {
        return which < doubles_ ? sums_[which].data() : nullptr;
    }
    const std::uint32_t* silent_ticks() const { return touched_.silent_ticks; }
    // Puts the state of the neurons that were gathered back.
    void scatter();

    // A copy of all neurons' state, and how many ticks before `tick` each stands.
    StateColumns all(std::int64_t tick, std::vector<std::uint32_t>& silent_ticks) const;

    std::size_t bytes() const { return records_.size(); }

  private:
    // One element of a record: where it stands, and the column that it is gathered in.
    struct Element {
        std::size_t variable, part, offset, bytes;
        std::byte* column;
    };
    std::byte* record(std::size_t i) { return records_.data() + i * record_; }
    const std::byte* record(std::size_t i) const { return records_.data() + i * record_; }
    void make_room(std::size_t count);

    const synfire_description& description_;
    std::vector<double> parameters_;
    std::uint32_t count_, doubles_;
    std::size_t anchor_ = 0;  // offset in a record of the tick at which the state stands
    std::vector<Element> elements_;
    std::size_t record_;  // bytes of a record
    AlignedVector<std::byte> records_;
    std::size_t room_ = 0;  // for neurons gathered
    StateColumns gathered_;
    AlignedVector<float> single_;
    AlignedVector<double> sums_[2];
    Touched touched_;
    std::vector<std::uint32_t> list_, silent_ticks_;
};

}  // namespace synfire
