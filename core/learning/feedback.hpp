// From the error at the output to the learning signal of every trained population, at one tick and
// in space only: nothing is carried through time or through projections with a delay.
//
//   BP    signal of the source += weights^T (Psi * signal of the target), along the delay-0
//         projections from the readout back
//   DFA   signal = (p - onehot) B,  B fixed and random; sDFA takes the sign of p - onehot. As in
//   the
//         reference code the error is not divided by the batch size here, and where a population is
//         pooled the signal belongs to the pooled map and is carried back through the pooling.
//
// Silenced neurons (dropout) get no signal.
#pragma once

#include <vector>

#include "engine/engine.hpp"
#include "learning/training_description.hpp"

namespace synfire {

// B of DFA and sDFA, for each hidden population that is trained, or for the relay that pools it:
// outputs x neurons.
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
    Feedback(const Network& network, const TrainingDescription& training,
             const FeedbackWeights& weights);

    // error: p - onehot over the outputs. batch: the readout's signal is error / batch.
    void project(const Engine& engine, std::span<const float> error, float batch,
                 Counters& counters);

    const float* signal(std::uint32_t population) const { return signals_[population].data(); }
    std::size_t bytes() const;

  private:
    void back_propagate(const Engine& engine, Counters& counters);
    void project_directly(const Engine& engine, std::span<const float> error, Counters& counters);
    void silence(const Engine& engine, std::uint32_t population);

    const Network& network_;
    const TrainingDescription& training_;
    const FeedbackWeights& weights_;
    std::vector<AlignedVector<float>> signals_;  // by population; empty where not trained
    // By population: projections without delay that carry its signal back further.
    std::vector<std::vector<std::uint32_t>> carriers_;
    AlignedVector<float> through_;  // Psi * signal of one population
};

}  // namespace synfire
