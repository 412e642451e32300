// The event data formats that experiments can name.
#pragma once

#include <vector>

#include "learning/input.hpp"

namespace synfire {

const std::vector<InputFormat>& input_formats();

}  // namespace synfire
