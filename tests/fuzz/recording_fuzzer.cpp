// Recordings of every container: the first byte chooses the container, or that the content is to
// tell it; the others are the file.
#include <cstdint>
#include <cstdlib>

#include "base/problem.hpp"
#include "recordings/containers.hpp"
#include "recordings/summary.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace synfire;
    if (size < 2) return 0;
    const auto all = containers();
    const std::size_t choice = data[0] % (all.size() + 1);
    try {
        const auto decoder = open_recording(ByteSource({data + 1, data + size}, "file"),
                                            choice == all.size() ? "" : all[choice].name);
        const RecordingSummary summary = summarise(*decoder);
        std::uint64_t over_time = 0;
        for (const auto& [begin, events] : summary.over_time) over_time += events;
        if (over_time != summary.events || summary.on > summary.events) std::abort();
    } catch (const InputError&) {
    }
    return 0;
}
