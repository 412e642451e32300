// The format `mvsec`: sequences of MVSEC (Zhu et al. 2018) as downloaded, NAME_data.hdf5 and
// NAME_gt.hdf5, cut into samples between grey frames for optical flow.
#pragma once

#include "learning/input.hpp"

namespace synfire {

InputFormat mvsec_format();

}  // namespace synfire
