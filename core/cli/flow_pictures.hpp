// What `synfire eval --flow` draws of a recording, side by side: its events, the true flow where it
// counts, the flow that the network says, and how far that is from the true one; under them a wheel
// that says what colours are.
#pragma once

#include <span>
#include <string>

#include "learning/event_set.hpp"

namespace synfire::cli {

// A PNG file's bytes. estimate: laid out as the target's values.
std::string flow_png(const EventSet& set, std::size_t recording, std::span<const float> estimate);

}  // namespace synfire::cli
