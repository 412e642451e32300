// What every HDF5 file begins with.
#pragma once

#include <string_view>

namespace synfire {

inline constexpr std::string_view hdf5_mark = "\x89HDF\r\n\x1a\n";

}  // namespace synfire
