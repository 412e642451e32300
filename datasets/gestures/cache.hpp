// Where made recordings are kept between runs. Beside them stands a hash of each file, which is
// checked whenever they are used: what is damaged is made again. Programs that want the same
// recordings at once wait for the one that makes them.
#pragma once

#include <functional>
#include <string>

#include "gestures/gestures.hpp"

namespace synfire {

// Calls read(folder) with a folder that holds whole recordings of these settings, and sees to it
// that they stay there meanwhile. Throws InputError where they cannot be kept.
InputData read_from_gesture_cache(const GestureSettings& settings,
                                  const std::function<InputData(const std::string&)>& read);

}  // namespace synfire
