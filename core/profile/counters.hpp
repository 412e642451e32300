// What a run did, counted exactly where it is done.
#pragma once

#include <cstdint>

namespace synfire {

struct Counters {
    std::uint64_t spikes = 0;           // of all populations but inputs
    std::uint64_t input_spikes = 0;     // of inputs
    std::uint64_t synaptic_events = 0;  // spikes times the synapses they reach
    // Multiply-accumulates forward: one a synaptic event, one a neuron update, one a bias added.
    std::uint64_t macs_forward = 0;
    // Multiply-accumulates of learning: one a gradient entry added to by a spike or a trace, one a
    // weight that a learning signal is carried back through.
    std::uint64_t macs_learning = 0;
    std::uint64_t neuron_updates = 0;
    std::uint64_t ticks_visited = 0;
    std::uint64_t ticks_skipped = 0;
    std::uint64_t noise_events = 0;  // of populations' noise; never in training

    Counters& operator+=(const Counters& other) {
        spikes += other.spikes;
        input_spikes += other.input_spikes;
        synaptic_events += other.synaptic_events;
        macs_forward += other.macs_forward;
        macs_learning += other.macs_learning;
        neuron_updates += other.neuron_updates;
        ticks_visited += other.ticks_visited;
        ticks_skipped += other.ticks_skipped;
        noise_events += other.noise_events;
        return *this;
    }
};

}  // namespace synfire
