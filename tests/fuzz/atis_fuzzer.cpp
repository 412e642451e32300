// ATIS recordings: the first bytes choose sensor, binning and time step, the others are the file.
#include <cstdint>
#include <cstdlib>

#include "atis/atis.hpp"
#include "base/problem.hpp"
#include "recordings/containers.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace synfire;
    if (size < 4) return 0;
    AtisRequest request;
    request.shape = {2, 1u + data[0] % 64u, 1u + data[1] % 64u};
    request.downsample = 1u + data[2] % 8u;
    request.binning = data[2] >= 128 ? AtisBinning::count : AtisBinning::time;
    request.ticks = 1u + data[3];
    request.dt_ms = data[3] % 2 ? 10 : 0.1;
    EventSet set;
    set.units = request.shape.size();
    set.ticks = request.ticks;
    try {
        const auto decoder = open_recording(ByteSource({data + 4, data + size}, "file"), "atis");
        add_atis(set, events_of(*decoder), 0, request, "file");
    } catch (const InputError&) {
        return 0;
    }
    for (const std::uint32_t key : set.keys)
        if (key >= set.units * set.ticks) std::abort();
    return 0;
}
