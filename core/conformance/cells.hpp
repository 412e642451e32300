// Neurons of one instance, driven by random input, on guarded arrays.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "conformance/columns.hpp"

namespace synfire::conformance {

class Cells {
  public:
    Cells(Subject& subject, const Values& values, std::uint32_t count);

    std::uint32_t count() const { return count_; }
    Columns& state() { return state_; }
    const Columns& state() const { return state_; }
    void reset() { state_.reset(); }

    // Which neurons are advanced together: from `begin` on so many, or those of a list.
    struct Part {
        std::uint32_t begin, count;
    };
    // Input of each neuron at a tick: a random part of them receives something of that size.
    void drive(std::int64_t tick, double scale);
    void no_input();
    // More to all of them.
    void add_input(double input, double inhibitory);
    double input_of(std::uint32_t neuron) const;
    double inhibitory_of(std::uint32_t neuron) const;
    bool receives(std::uint32_t neuron) const;

    // One tick. Throws Fault for a status, a list of spikes, Psi or margins that are not right.
    void advance(const Instance& instance, std::int64_t tick, bool wants_psi = true);
    void advance(const Instance& instance, std::int64_t tick, Part part, bool wants_psi = true);
    void advance(const Instance& instance, std::int64_t tick,
                 const std::vector<std::uint32_t>& listed, bool wants_psi = true);
    bool fired(std::uint32_t neuron) const { return fired_[neuron]; }
    std::uint32_t fired_count() const;
    float psi(std::uint32_t neuron) const { return psi_[neuron]; }
    const float* psi_data() const { return psi_.data(); }
    std::span<const std::uint8_t> fired() const { return fired_; }

    void decay(const Instance& instance, const std::vector<std::uint32_t>& listed,
               const std::vector<std::uint32_t>& ticks);
    std::vector<std::uint32_t> silent_ticks(const Instance& instance,
                                            const std::vector<std::uint32_t>& listed);

    void require_margins() const;

    // A part at a tick, for a call by hand.
    synfire_neuron_slice slice(std::int64_t tick, Part part, bool wants_psi);

  private:
    std::array<GuardedBytes*, 3> inputs() { return {&input_, &input64_, &inhibitory64_}; }
    void take_spikes(const synfire_neuron_slice& slice, std::uint32_t first,
                     const std::vector<std::uint32_t>* listed);

    Subject& subject_;
    const synfire_neuron& table_;
    std::uint32_t count_;
    Columns state_;
    GuardedArray<float> input_, psi_;
    GuardedArray<double> input64_, inhibitory64_;
    GuardedArray<std::uint32_t> spikes_, listed_, ticks_;
    std::vector<void*> moved_;  // columns of a part
    std::vector<std::uint8_t> fired_;
};

// The size of input at which the model fires now and then, as far as there is one.
double scale_of(Subject& subject, const Values& values);

// So many ticks of a run from the state in which the cells are, as a transcript. first: the number
// of the first tick, on which the input depends.
Transcript run(Cells& cells, const Instance& instance, std::int64_t ticks, double scale,
               std::int64_t first = 0);

}  // namespace synfire::conformance
