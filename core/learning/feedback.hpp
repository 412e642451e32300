// From the error at the output to the learning signal of every trained population, tick by tick and
// in space only: nothing is carried through time or through projections with a delay. Several ticks
// can be gone through together, so that weights are read from afar once for all.
//
//   BP    signal of the source += weights^T (Psi * signal of the target), along the delay-0
//         projections from the readout back
//   DFA   signal = error B,  B fixed and random, error the derivative of the loss to the output;
//         sDFA takes its sign; with adaptive feedback B is trained by the gradients of the
//         readout's weights. As in the reference code the error is not divided by the batch size
//         here, and where a population is pooled the signal belongs to the pooled map and is
//         carried back through the pooling.
//
// Silenced neurons (dropout) get no signal.
#pragma once

#include <vector>

#include "engine/engine.hpp"
#include "learning/training_description.hpp"

namespace synfire {

// B of DFA, sDFA and adaptive feedback, for each hidden population that is trained, or for the
// relay that pools it: outputs x neurons.
struct FeedbackWeights {
    std::vector<Matrix> of;  // by population; empty where none is needed
    bool sign = false;       // sDFA

    FeedbackWeights(const Network& network, const TrainingDescription& training,
                    std::uint64_t seed);

    // signal += error B, where the population has one; returns the multiply-accumulates.
    std::uint64_t project(std::uint32_t population, std::span<const float> error,
                          float* signal) const;
};

// The signals of one sample in flight.
class Feedback {
  public:
    // ticks: the most that are gone through together.
    Feedback(const Network& network, const TrainingDescription& training,
             const FeedbackWeights& weights, std::uint32_t ticks);

    // How many ticks together make learning faster: as many as leave their signals and Psi near
    // the core, and one where what carries signals back asks for the spikes of the tick.
    static std::uint32_t ticks_at_once(const Network& network, const TrainingDescription& training);

    // One of the engine's last ticks. error: over the judged outputs.
    struct Tick {
        std::int64_t tick;
        std::span<const float> error;
    };
    // batch: the readout's signal is error / batch.
    void project(const Engine& engine, std::span<const Tick> ticks, float batch,
                 Counters& counters);

    // Of ticks[k].
    const float* signal(std::uint32_t population, std::size_t k) const {
        return signals_[population].row(k);
    }
    std::size_t bytes() const;

  private:
    void back_propagate(const Engine& engine, std::span<const Tick> ticks, Counters& counters);
    void project_directly(const Engine& engine, std::span<const Tick> ticks, Counters& counters);
    void silence(const Engine& engine, std::uint32_t population);

    const Network& network_;
    const TrainingDescription& training_;
    const FeedbackWeights& weights_;
    std::vector<Matrix> signals_;  // by population, a row a tick; empty where not trained
    std::vector<bool> carried_;    // whether a population has its signal, or a part of it
    std::vector<JudgedOutput> judged_;
    // By population: projections without delay that carry its signal back further.
    std::vector<std::vector<std::uint32_t>> carriers_;
    Matrix through_;  // Psi * signal of one population, a row a tick
    std::vector<Backprojection> many_;
};

}  // namespace synfire
