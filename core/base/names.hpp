// What populations, projections and experiments may be called: what a file name can hold
// everywhere, so that a name means the same in a folder, a file, a script and on a terminal.
#pragma once

#include <string>
#include <string_view>

namespace synfire {

// Why the text is no name, as a sentence; "" where it is one. A projection may have a '>' in its
// name, as source->target.
std::string fault_of_name(std::string_view name, bool of_projection = false);

}  // namespace synfire
