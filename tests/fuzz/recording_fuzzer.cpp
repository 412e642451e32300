// Recordings of every container, and where on a population their events are: the first byte chooses
// the container, or that the content is to tell it, three more how it is sampled; the others are
// the file.
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <string>

#include "base/problem.hpp"
#include "cameras/sampling.hpp"
#include "recordings/aedat4_writer.hpp"
#include "recordings/containers.hpp"
#include "recordings/summary.hpp"

namespace {

constexpr std::size_t settings = 4;  // bytes before the file

std::unique_ptr<synfire::Decoder> open_bytes(const std::uint8_t* data, std::size_t size) {
    const auto all = synfire::containers();
    const std::size_t choice = data[0] % (all.size() + 1);
    return synfire::open_recording(synfire::ByteSource({data + settings, data + size}, "file"),
                                   choice == all.size() ? "" : all[choice].name);
}

}  // namespace

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
    std::ofstream(path, std::ios::binary)
        << std::string(settings, '\0') << bytes;  // the first container
    std::exit(0);
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace synfire;
    if (size <= settings) return 0;
    try {
        const RecordingSummary summary = summarise(*open_bytes(data, size));
        std::uint64_t over_time = 0;
        for (const auto& [begin, events] : summary.over_time) over_time += events;
        if (over_time != summary.events || summary.on > summary.events) std::abort();

        Sampling sampling;
        sampling.shape = {data[3] & 1 ? 2u : 1u, 1u + data[1] % 64u, 1u + data[2] % 64u};
        sampling.polarity = data[3] & 1 ? Sampling::Polarity::both : Sampling::Polarity::merged;
        sampling.downsample = data[3] >> 4;
        if (data[3] & 2)
            sampling.area = {data[1], data[2], sampling.shape.columns + data[2],
                             sampling.shape.rows};
        const std::string name = "file";
        const RecordingInfo& info = summary.info;
        const SensorMap map(
            sampling, {info.columns, info.rows, info.mirrored, info.upward, (data[3] & 4) != 0},
            name);
        const auto decoder = open_bytes(data, size);
        for (auto events = decoder->next(); !events.empty(); events = decoder->next())
            for (const CameraEvent& event : events) {
                const SensorMap::Place place = map.place(event, 0);
                if (!place.left_out && place.unit >= sampling.shape.size()) std::abort();
            }
    } catch (const InputError&) {
    }
    return 0;
}
