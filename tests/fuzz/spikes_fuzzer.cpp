// CSV files of spikes, or with a column of numbers: read, or refused with a sentence on one line;
// what is read is in range.
#include <cmath>
#include <cstdint>
#include <cstdlib>

#include "base/printable.hpp"
#include "base/problem.hpp"
#include "experiment/number_file.hpp"
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
    try {
        for (const double value :
             read_csv_column({reinterpret_cast<const char*>(data), size}, "neuron"))
            if (!std::isfinite(value)) std::abort();
    } catch (const InputError&) {
    }
    return 0;
}
