// Whether the tables that a library hands over keep the promises of abi.h, so that the rest of
// the program can trust them.
#pragma once

#include <optional>
#include <string>

#include "synfire/abi.h"

namespace synfire {

// Whether a number is within the bounds of a real or an integer parameter.
bool within_bounds(const synfire_parameter& parameter, double value);

// The first broken promise, as a clause that follows "because"; nothing if the tables are sound.
std::optional<std::string> broken_promise(const synfire_neuron& neuron);
std::optional<std::string> broken_promise(const synfire_rule& rule);
std::optional<std::string> broken_promise(const synfire_release& release);
std::optional<std::string> broken_promise(const synfire_loss& loss);

}  // namespace synfire
