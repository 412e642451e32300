// A few calls of everything that an instance offers, of each kind of model: what a check needs that
// asks for no more than that nothing crashes, fails or writes where it must not.
#pragma once

#include "conformance/subject.hpp"

namespace synfire::conformance {

// Throws Fault.
void exercise(Subject& subject, const Instance& instance, const Values& values);

void exercise_neuron(Subject& subject, const Instance& instance, const Values& values);
void exercise_gradient_rule(Subject& subject, const Instance& instance, const Values& values);
void exercise_weight_rule(Subject& subject, const Instance& instance, const Values& values);
void exercise_release(Subject& subject, const Instance& instance, const Values& values);
void exercise_loss(Subject& subject, const Instance& instance, const Values& values);

}  // namespace synfire::conformance
