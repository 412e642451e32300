// Recordings in HDF5, read as the program reads them: libhdf5 has its own process. That it may
// crash there is known; that it takes this process with it, or that what comes out is not sound,
// would be a fault.
#include "base/hdf5.hpp"
#include "file_fuzzer.hpp"
#include "shd/shd.hpp"

using namespace synfire;

void write_whole_file(const std::string& path) {
    Hdf5File file = Hdf5File::create(path);
    file.write_ragged<float>("/spikes/times", {{0.1f, 0.2f, 0.7f}, {}, {0.5f, 0.999f}});
    file.write_ragged<std::uint16_t>("/spikes/units", {{1, 2, 3}, {}, {0, 9}});
    file.write<std::uint16_t>("/labels", std::vector<std::uint16_t>{0, 1, 0});
    file.close();
}

void read_file(const std::string& path) {
    const EventSet set = read_shd(path, 10, 100, 10, UINT64_MAX);
    for (const std::uint32_t key : set.keys())
        if (key >= 1000) std::abort();
}
