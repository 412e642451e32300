// Back through time: derivatives of the loss along the tape, from the last tick to the first.
//
// At each tick, populations are visited against the order in which they were advanced. What reaches
// a population's output (the loss, or weights^T times the derivatives at its targets, `delay` ticks
// later) goes through its neurons' adjoint and becomes the derivative at their input; that is the
// signal that the rule sees, and what is carried back further. With DFA or sDFA the projected error
// takes the place of what would come back through projections without delay.
//
// For a local rule (SYNFIRE_RULE_LOCAL) only a neuron's own dynamics go through time. What comes to
// its output is the derivative at the readout's input, brought back at the same tick: through the
// weights and Psi of the layers between, or by the feedback's own weights.
#pragma once

#include "learning/event_set.hpp"
#include "learning/feedback.hpp"
#include "learning/site_rules.hpp"
#include "learning/tape.hpp"

namespace synfire {

class BackwardPass {
  public:
    BackwardPass(const Network& network, const TrainingDescription& training,
                 const FeedbackWeights& feedback, std::uint32_t input);

    Tape& tape() { return tape_; }
    // The derivative of the loss to the judged outputs at a tick on the tape. Ticks without one
    // have no loss.
    void set_error(std::int64_t tick, std::span<const float> error);

    // What a sample's way back takes.
    struct Sample {
        BackwardPass& pass;
        const Engine& engine;
        const SampleEvents& events;
        SiteRules& rules;
        Counters& counters;
        Profile* profile;
    };
    // Goes back over the tapes, which hold the same ticks, and forgets the errors. batch: the
    // readout's signal is error / batch.
    static void sweep(std::span<const Sample> samples, float batch);

    // The most that tape, errors and derivatives have held.
    std::size_t bytes() const;

  private:
    struct Unit {
        // Derivatives at the output, for this tick and as many later ones as delays reach.
        std::vector<AlignedVector<float>> output;
        std::vector<AlignedVector<float>> carry;  // one a state variable
        std::vector<float*> carry_pointers;
        // At the input; where it is two, at the inhibitory one behind it.
        AlignedVector<float> input;
        std::size_t width = 0;  // of each
        AlignedVector<float> fired;
        AlignedVector<float> through;         // Psi * derivative at the output, for local rules
        std::vector<std::uint32_t> incoming;  // projections
    };
    AlignedVector<float>& output(std::uint32_t population, std::int64_t tick) {
        auto& ring = units_[population].output;
        return ring[static_cast<std::size_t>(tick) % ring.size()];
    }
    std::span<const std::uint32_t> spikes(std::uint32_t population, std::int64_t tick,
                                          const SampleEvents& sample) const;
    static void sweep(std::span<const Sample> samples, float batch, bool local);
    void add_loss(std::uint32_t population, std::int64_t tick, float batch, bool local,
                  Counters& counters);
    void go_through_neurons(std::uint32_t population, std::int64_t tick);
    void begin();
    void end();
    // What is carried back from a population: the derivative at the input of its neurons, or at the
    // output of a relay.
    const float* derivatives(const Sample& sample, std::uint32_t population, std::int64_t tick,
                             float batch, bool local);
    static void carry_back(std::span<const Sample> samples,
                           std::span<const float* const> derivatives, std::uint32_t population,
                           std::int64_t tick, bool local);

    const Network& network_;
    const TrainingDescription& training_;
    const FeedbackWeights& feedback_;
    std::uint32_t input_;
    Tape tape_;
    std::vector<Unit> units_;  // `output` is empty where no derivative is wanted
    // Populations with derivatives, as they are gone back through: a readout that never spikes
    // first, as nothing comes back to it from others.
    std::vector<std::uint32_t> order_;
    RuleKinds kinds_;
    std::vector<JudgedOutput> judged_;
    std::size_t outputs_;                    // of all of these
    std::vector<std::uint32_t> arrivals_;    // at a site
    std::vector<std::int64_t> error_ticks_;  // ascending
    std::vector<float> errors_;
    std::vector<float> local_error_;  // at the readout's input, of one tick
    std::size_t most_error_bytes_ = 0;
};

}  // namespace synfire
