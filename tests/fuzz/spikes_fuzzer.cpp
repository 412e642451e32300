// CSV files of spikes: read, or refused with a sentence on one line; what is read is in range.
#include <cstdint>
#include <cstdlib>

#include "base/printable.hpp"
#include "experiment/spike_file.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace synfire;
    constexpr std::uint32_t neurons = 1000;
    std::vector<SpikeEvent> events;
    const std::string why =
        read_spike_text({reinterpret_cast<const char*>(data), size}, neurons, events);
    for (const SpikeEvent& event : events)
        if (event.tick < 0 || event.neuron >= neurons) std::abort();
    if (printable(why) != why) std::abort();
    return 0;
}
