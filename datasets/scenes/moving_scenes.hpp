// The format `moving_scenes`: recordings of a simulated event camera before textured planes that
// move (scene.hpp), each with the true flow, a mask and the grey pictures with which it begins and
// ends, for optical flow.
#pragma once

#include "learning/input.hpp"

namespace synfire {

InputFormat moving_scenes_format();

}  // namespace synfire
