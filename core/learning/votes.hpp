// Classes from neurons that were never told of any (Diehl and Cook, Frontiers in Computational
// Neuroscience 9:99, 2015, section 2.4). In a pass over the training recordings, with learning off,
// the spikes of each neuron are counted by class; its response to a class is their mean over the
// class's recordings. A recording is then given the class for which its spikes vote most:
//
//   spread   v_c = sum_i n_i r_ic / sum_d r_id
//   one      v_c = mean of n_i over the neurons i whose largest response is that to c
//   likelihood   v_c = sum_i n_i log((N_ic + 1) / sum_j (N_jc + 1))
//
//   n_i   spikes of neuron i in the recording,  r_ic   its response to class c
//   N_ic  its spikes in all recordings of the class
//
// The last is naive Bayes for classes that are equally frequent, with Laplace's rule of succession.
// A neuron that did not fire as spikes were counted has no vote. The first of equals counts. Counts
// are whole numbers, so that the order in which recordings are counted makes no difference.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "learning/decoder.hpp"

namespace synfire {

// How often a neuron fired in a recording; those that did not are left out.
struct Response {
    std::uint32_t neuron, spikes;
};

class Votes {
  public:
    Votes(std::uint32_t neurons, VoteKind kind) : neurons_(neurons), kind_(kind) {}

    // What was counted: nothing at first.
    struct Counts {
        std::vector<std::uint64_t> recordings;  // of each class
        std::vector<std::uint64_t> spikes;      // [neuron][class]
    };
    const Counts& counts() const { return counts_; }
    // Takes counts of as many neurons, for as many classes as there are.
    void set(Counts counts);
    bool empty() const { return counts_.recordings.empty(); }
    // Neurons that have a vote.
    std::uint32_t voters() const;
    std::uint32_t neurons() const { return neurons_; }
    std::uint32_t classes() const { return static_cast<std::uint32_t>(counts_.recordings.size()); }

    // The class with the most votes; nothing where no neuron that fired has one.
    std::optional<std::uint32_t> winner(std::span<const Response> responses) const;

  private:
    std::uint32_t neurons_;
    VoteKind kind_;
    Counts counts_;
    bool votes(std::uint32_t neuron) const;
    void set_shares();
    void set_likelihoods();

    std::vector<double> worth_;  // [neuron][class]: of one spike
};

}  // namespace synfire
