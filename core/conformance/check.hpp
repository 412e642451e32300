// A check of the conformance suite: one promise of synfire/abi.h that a plugin's model has to keep,
// tried on the model itself in a process of its own (conformance/suite.hpp).
#pragma once

#include <span>
#include <stdexcept>

namespace synfire::conformance {

class Subject;

// What a check has found: what() is a sentence about the model, without its end.
class Fault : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

// The plugin says, in words, that it cannot do what it is asked for. That is a finding where it has
// to be able to, and an answer where it need not.
class Refused : public Fault {
  public:
    using Fault::Fault;
};

// The check does not apply to the model; what() is a clause that says why.
class NotAsked : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

struct Check {
    const char* name;
    const char* promise;  // what has to hold, a sentence without its end
    // Throws Fault or NotAsked.
    void (*run)(Subject&);
};

// Of every kind of model, in the order in which they run; then those of one kind.
std::span<const Check> common_checks();
std::span<const Check> neuron_checks();
std::span<const Check> silence_checks();
std::span<const Check> adjoint_checks();
std::span<const Check> gradient_rule_checks();
std::span<const Check> weight_rule_checks();
std::span<const Check> release_checks();
std::span<const Check> loss_checks();

}  // namespace synfire::conformance
