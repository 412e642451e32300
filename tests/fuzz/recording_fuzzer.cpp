// Recordings of every container: the first byte chooses the container, or that the content is to
// tell it; the others are the file.
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <string>

#include "base/problem.hpp"
#include "recordings/aedat4_writer.hpp"
#include "recordings/containers.hpp"
#include "recordings/summary.hpp"

// `fuzz_recording --whole FILE` writes a recording in the one container that is hard to write by
// hand.
extern "C" int LLVMFuzzerInitialize(int* count, char*** arguments) {
    if (*count != 3 || std::strcmp((*arguments)[1], "--whole") != 0) return 0;
    const std::string path = (*arguments)[2];
    const synfire::CameraEvent events[] = {{1000, 1, 2, 0}, {1001, 3, 4, 1}};
    synfire::Aedat4Writer writer(path, 64, 64, "camera", synfire::Compression::none);
    writer.add(events);
    writer.close();
    std::ifstream file(path, std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(file), {}};
    std::ofstream(path, std::ios::binary) << '\0' << bytes;  // the first container
    std::exit(0);
}

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
