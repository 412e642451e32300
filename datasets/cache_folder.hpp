// Where data sets keep what they make of recordings, so that the next run need not make it again.
#pragma once

#include <string>
#include <string_view>

namespace synfire {

// $XDG_CACHE_HOME/synfire, or ~/.cache/synfire. It may not be there yet.
std::string cache_folder();

// Removes what no run has used for thirty days and whose name begins so and ends with `ending`.
void remove_unused(std::string_view beginning, std::string_view ending);
// Marks a file as used now.
void mark_used(const std::string& path);

}  // namespace synfire
