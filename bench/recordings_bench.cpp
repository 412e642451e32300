// Events a second that decoders make of recordings in memory: items_per_second.
#include <benchmark/benchmark.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "recordings/aedat4_writer.hpp"
#include "recordings/containers.hpp"

namespace {

using namespace synfire;
using Bytes = std::vector<unsigned char>;

constexpr std::uint32_t event_count = 1 << 20;

void put(Bytes& bytes, std::uint64_t number, int size, bool big = false) {
    const std::size_t at = bytes.size(), count = static_cast<std::size_t>(size);
    bytes.resize(at + count);
    for (std::size_t i = 0; i < count; ++i)
        bytes[at + i] = static_cast<unsigned char>(number >> 8 * (big ? count - 1 - i : i));
}

// Events of a camera of 640 x 480 that moves: an edge of a few pixels a microsecond.
std::vector<CameraEvent> scene(std::uint32_t columns, std::uint32_t rows) {
    std::vector<CameraEvent> events(event_count);
    std::uint64_t state = 1;
    for (std::uint32_t k = 0; k < event_count; ++k) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        events[k] = {k / 4, static_cast<std::uint16_t>((k / 64 + (state >> 60)) % columns),
                     static_cast<std::uint16_t>((state >> 32) % rows),
                     static_cast<std::uint8_t>(state >> 59 & 1)};
    }
    return events;
}

void put_text(Bytes& bytes, std::string_view text) {
    for (const char c : text) put(bytes, static_cast<unsigned char>(c), 1);
}

Bytes aedat2() {
    Bytes bytes;
    put_text(bytes, "#!AER-DAT2.0\r\n# AEChip: DVS128\r\n");
    for (const CameraEvent& e : scene(128, 128)) {
        put(bytes, static_cast<std::uint64_t>(e.y << 8 | e.x << 1 | e.polarity), 4, true);
        put(bytes, static_cast<std::uint64_t>(e.time_us), 4, true);
    }
    return bytes;
}

Bytes aedat3() {
    Bytes bytes;
    put_text(bytes, "#!AER-DAT3.1\r\n#Format: RAW\r\n#!END-HEADER\r\n");
    const auto events = scene(128, 128);
    for (std::uint32_t k = 0; k < event_count; ++k) {
        if (k % 4096 == 0) {
            put(bytes, 1, 2);
            put(bytes, 1, 2);
            for (const unsigned number : {8u, 4u, 0u, 4096u, 4096u, 4096u}) put(bytes, number, 4);
        }
        const CameraEvent& e = events[k];
        put(bytes, static_cast<std::uint64_t>(e.x << 17 | e.y << 2 | e.polarity << 1 | 1), 4);
        put(bytes, static_cast<std::uint64_t>(e.time_us), 4);
    }
    return bytes;
}

Bytes aedat4() {
    const std::string path =
        (std::filesystem::temp_directory_path() / "synfire-bench.aedat4").string();
    Aedat4Writer writer(path, 640, 480, "");
    writer.add(scene(640, 480));
    writer.close();
    std::ifstream file(path, std::ios::binary);
    Bytes bytes{std::istreambuf_iterator<char>(file), {}};
    std::filesystem::remove(path);
    return bytes;
}

Bytes dat_bytes() {
    Bytes bytes;
    put_text(bytes, "% Version 2\n");
    put(bytes, 0x080c, 2);
    for (const CameraEvent& e : scene(640, 480)) {
        put(bytes, static_cast<std::uint64_t>(e.time_us), 4);
        put(bytes, static_cast<std::uint64_t>(e.polarity << 28 | e.y << 14 | e.x), 4);
    }
    return bytes;
}

Bytes evt2() {
    Bytes bytes;
    put_text(bytes, "% evt 2.0\n");
    std::int64_t high = -1;
    for (const CameraEvent& e : scene(640, 480)) {
        if (e.time_us >> 6 != high) {
            high = e.time_us >> 6;
            put(bytes, 0x80000000u | static_cast<std::uint64_t>(high), 4);
        }
        put(bytes,
            std::uint64_t{e.polarity} << 28 | static_cast<std::uint64_t>(e.time_us & 63) << 22 |
                std::uint64_t{e.x} << 11 | e.y,
            4);
    }
    return bytes;
}

// An event of its own each: a row, a time where it is new, a column. Vectors make events cheaper.
Bytes evt3() {
    Bytes bytes;
    put_text(bytes, "% evt 3.0\n");
    std::int64_t low = -1, high = -1;
    for (const CameraEvent& e : scene(640, 480)) {
        if (e.time_us >> 12 != high) put(bytes, 0x8000u | ((high = e.time_us >> 12) & 0xfff), 2);
        if (e.time_us != low) put(bytes, 0x6000u | ((low = e.time_us) & 0xfff), 2);
        put(bytes, e.y, 2);
        put(bytes, static_cast<std::uint64_t>(0x2000 | e.polarity << 11 | e.x), 2);
    }
    return bytes;
}

Bytes atis() {
    Bytes bytes;
    for (const CameraEvent& e : scene(240, 180)) {
        put(bytes, e.x, 1);
        put(bytes, e.y, 1);
        put(bytes,
            static_cast<std::uint64_t>(e.polarity) << 23 | static_cast<std::uint64_t>(e.time_us), 3,
            true);
    }
    return bytes;
}

Bytes es() {
    Bytes bytes;
    put_text(bytes, std::string_view("Event Stream\2\0\0\1\200\2\340\1", 20));
    std::int64_t last = 0;
    for (const CameraEvent& e : scene(640, 480)) {
        put(bytes, static_cast<std::uint64_t>((e.time_us - last) << 1 | e.polarity), 1);
        put(bytes, e.x, 2);
        put(bytes, e.y, 2);
        last = e.time_us;
    }
    return bytes;
}

void decode(benchmark::State& state, Bytes (*make)(), const char* container) {
    const Bytes bytes = make();
    std::uint64_t events = 0, sum = 0;
    for (auto _ : state) {
        const auto decoder = open_recording(ByteSource(bytes, "memory"), container);
        for (auto some = decoder->next(); !some.empty(); some = decoder->next()) {
            events += some.size();
            sum += some.back().x;
        }
    }
    benchmark::DoNotOptimize(sum);
    if (events != state.iterations() * std::uint64_t{event_count})
        state.SkipWithError("events are missing");
    state.SetItemsProcessed(static_cast<std::int64_t>(events));
}

BENCHMARK_CAPTURE(decode, evt2, evt2, "evt2");
BENCHMARK_CAPTURE(decode, dat, dat_bytes, "dat");
BENCHMARK_CAPTURE(decode, atis, atis, "atis");
BENCHMARK_CAPTURE(decode, evt3, evt3, "evt3");
BENCHMARK_CAPTURE(decode, aedat2, aedat2, "aedat2");
BENCHMARK_CAPTURE(decode, aedat3, aedat3, "aedat3");
BENCHMARK_CAPTURE(decode, aedat4_lz4, aedat4, "aedat4");
BENCHMARK_CAPTURE(decode, es, es, "es");

}  // namespace
