// Precomputes an engine's input over the ticks of a sample and of samples that are presented after
// it without a change of weights (engine/precomputed_input.hpp).
#pragma once

#include <span>
#include <vector>

#include "engine/engine.hpp"
#include "learning/event_set.hpp"

namespace synfire {

class InputLookahead {
  public:
    InputLookahead(Engine& engine, std::uint32_t input)
        : engine_(engine), input_(input), at_once_(engine.precomputable_ticks(input)) {}

    // How many samples of so many ticks are worth announcing at once.
    std::size_t samples(std::uint32_t ticks) const;
    // Samples that are presented next, in this order. Resets the engine.
    void announce(std::vector<const SampleEvents*> samples);
    // A sample begins: resets the engine. One that was not announced ends the announced ones.
    void begin(const SampleEvents& sample);
    // Before each tick of the sample.
    void before(std::uint32_t tick) {
        if (at_once_ > 0 && tick == computed_) compute(tick);
    }

  private:
    void compute(std::uint32_t tick);

    Engine& engine_;
    std::uint32_t input_;
    std::uint32_t at_once_;       // ticks
    std::uint32_t computed_ = 0;  // ticks from the begin of the sample
    const SampleEvents* sample_ = nullptr;
    std::vector<const SampleEvents*> announced_;
    std::vector<std::span<const std::uint32_t>> by_tick_;
};

}  // namespace synfire
