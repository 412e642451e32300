// Events written into the experiment itself: one recording, for first networks and for tests.
#pragma once

#include "learning/input.hpp"

namespace synfire {

InputFormat spikes_format();

}  // namespace synfire
