// A flow as colours: hue says where to, strength how far (Baker et al. 2011, in a palette), beside
// greys and the colours of events.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "pictures/picture.hpp"

namespace synfire {

std::vector<Colour> flow_palette();

// Colours of it.
std::uint8_t grey_colour(float part);  // 0 black to 1 white
std::uint8_t on_colour();
std::uint8_t off_colour();
// Displacement along columns and rows, as a part of the longest that is shown.
std::uint8_t flow_colour(float x, float y);

// The wheel of all displacements, the longest at its rim.
Picture flow_wheel(std::uint32_t extent);

}  // namespace synfire
