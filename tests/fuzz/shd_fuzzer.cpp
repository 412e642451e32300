// Recordings in HDF5, read as the program reads them: libhdf5 has its own process. That it may
// crash there is known; that it takes this process with it, or that what comes out is not sound,
// would be a fault.
#include <cstdint>
#include <cstdlib>

#include "base/problem.hpp"
#include "shd/shd.hpp"
#include "temporary_file.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace synfire;
    try {
        const EventSet set = read_shd(temporary_file(data, size), 10, 100, 10, UINT64_MAX);
        for (const std::uint32_t key : set.keys)
            if (key >= 1000) std::abort();
    } catch (const InputError&) {
    }
    return 0;
}
