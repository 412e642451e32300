// The data sets of event cameras that experiments can name, each in the layout in which it is
// downloaded and unpacked (docs/datasets.md).
#pragma once

#include "cameras/data_set.hpp"

namespace synfire {

CameraDataSet asl_dvs_data_set();
CameraDataSet atis_data_set();
CameraDataSet cifar10_dvs_data_set();
CameraDataSet dvs_gesture_data_set();
CameraDataSet event_folders_data_set();
CameraDataSet ncaltech101_data_set();
CameraDataSet ncars_data_set();
CameraDataSet nmnist_data_set();

}  // namespace synfire
