// What a sample leaves behind for going back through time: for each tick the spikes of every
// population as lists, the secondary activations, and, for neurons whose adjoint asks for it, the
// state before the tick and the input. Spikes of inputs are not copied; the sample has them.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "engine/engine.hpp"

namespace synfire {

class Tape {
  public:
    // populations: those whose activations or state are wanted.
    Tape(const Network& network, const std::vector<bool>& populations);

    // Forgets everything; the next tick is 0.
    void reset();
    // Forgets all but the spikes that may still arrive; goes on with the next tick.
    void begin_stretch();
    // To be called before and after the engine's step of each tick.
    void before(const Engine& engine);
    void after(const Engine& engine);

    // The ticks first() .. end()-1 are on the tape.
    std::int64_t first() const { return first_; }
    std::int64_t end() const { return end_; }
    // Also of the ticks before first() that spikes with a delay may come from; none before tick 0.
    std::span<const std::uint32_t> spikes(std::uint32_t population, std::int64_t tick) const;
    const float* psi(std::uint32_t population, std::int64_t tick) const;
    const float* input(std::uint32_t population, std::int64_t tick) const;
    void* const* state(std::uint32_t population, std::int64_t tick) const;

    // The most that the tape has held.
    std::size_t bytes() const { return most_bytes_; }

  private:
    struct Track {
        // Lists of the ticks first_spikes_ .. end_-1, one after another.
        std::vector<std::uint32_t> spikes;
        std::vector<std::size_t> begin{0};
        bool psi_wanted = false, state_wanted = false;
        std::size_t width = 0;  // padded size
        AlignedVector<float> psi, input;
        std::vector<StateColumns> states;        // of each tick of the stretch
        const synfire_description* description;  // of the neuron
    };
    std::size_t held_bytes() const;

    const Network& network_;
    std::uint32_t longest_delay_ = 0;
    std::vector<Track> tracks_;
    std::int64_t first_ = 0, end_ = 0, first_spikes_ = 0;
    std::size_t most_bytes_ = 0;
};

}  // namespace synfire
