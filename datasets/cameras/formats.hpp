// The data sets of event cameras that experiments can name, each in the layout in which it is
// downloaded and unpacked (docs/datasets.md).
#pragma once

#include "learning/input.hpp"

namespace synfire {

InputFormat atis_format();
InputFormat cifar10_dvs_format();
InputFormat dvs_gesture_format();
InputFormat event_folders_format();
InputFormat ncaltech101_format();
InputFormat ncars_format();
InputFormat nmnist_format();

}  // namespace synfire
