// The format `dsec`: sequences of DSEC (Gehrig et al. 2021) as downloaded, cut into the samples
// whose true flow was measured.
#pragma once

#include "learning/input.hpp"

namespace synfire {

InputFormat dsec_format();

}  // namespace synfire
