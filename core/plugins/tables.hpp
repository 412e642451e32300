// A plugin's tables in the layout of this host, whatever minor version of the interface they were
// compiled for: what they do not have yet is 0, what this host does not know yet is left out.
#pragma once

#include <optional>
#include <string>

#include "synfire/abi.h"

namespace synfire {

// Why a table cannot be read, a clause; or nothing. To be asked before `adopted`.
std::optional<std::string> unreadable(const synfire_neuron& neuron);
std::optional<std::string> unreadable(const synfire_rule& rule);
std::optional<std::string> unreadable(const synfire_release& release);
std::optional<std::string> unreadable(const synfire_loss& loss);

// A copy that lives until the process ends.
const synfire_neuron* adopted(const synfire_neuron& neuron);
const synfire_rule* adopted(const synfire_rule& rule);
const synfire_release* adopted(const synfire_release& release);
const synfire_loss* adopted(const synfire_loss& loss);

}  // namespace synfire
