// Spikes in a CSV file of lines tick,neuron, as recorders write them and other programs do: with or
// without the header "tick,neuron", a byte order mark, blank lines, spaces around numbers, and line
// ends of LF or CR LF. Anything else is refused, never passed over.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "experiment/spike_event.hpp"

namespace synfire {

// Adds the events of a file to `events`. Returns "" or why it is refused, a sentence that begins
// with the path.
std::string read_spike_file(const std::string& path, std::uint32_t neurons,
                            std::vector<SpikeEvent>& events);

// The same of a file's text; the sentence begins with a place in it.
std::string read_spike_text(std::string_view text, std::uint32_t neurons,
                            std::vector<SpikeEvent>& events);

}  // namespace synfire
