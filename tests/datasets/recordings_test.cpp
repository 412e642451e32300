#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/problem.hpp"
#include "recordings/aedat4_writer.hpp"
#include "recordings/containers.hpp"
#include "recordings/summary.hpp"
#include "support/environment.hpp"

using namespace synfire;
using namespace synfire::testing;
namespace fs = std::filesystem;

namespace {

using Bytes = std::vector<unsigned char>;

Bytes bytes_of(std::string_view text) {
    return {text.begin(), text.end()};
}

// Numbers of `size` bytes behind one another.
Bytes packed(std::size_t size, std::initializer_list<std::uint64_t> numbers, bool big = false) {
    Bytes bytes;
    for (const std::uint64_t number : numbers)
        for (std::size_t i = 0; i < size; ++i)
            bytes.push_back(static_cast<unsigned char>(number >> 8 * (big ? size - 1 - i : i)));
    return bytes;
}

Bytes operator+(Bytes one, const Bytes& other) {
    one.insert(one.end(), other.begin(), other.end());
    return one;
}

struct Decoded {
    std::vector<CameraEvent> events;
    RecordingInfo info;
};

Decoded decoded(Bytes bytes, std::string_view container = "", std::string name = "file") {
    const auto decoder = open_recording(ByteSource(std::move(bytes), std::move(name)), container);
    Decoded result{events_of(*decoder), {}};
    result.info = decoder->info();
    return result;
}

std::string refused(Bytes bytes, std::string_view container = "") {
    try {
        decoded(std::move(bytes), container);
    } catch (const InputError& error) {
        return error.what();
    }
    return "";
}

std::uint64_t passed(const Decoded& d, std::string_view kind) {
    for (const auto& [name, count] : d.info.passed_over)
        if (name == kind) return count;
    return 0;
}

bool says(const std::string& text, std::string_view part) {
    INFO(text);
    return text.find(part) != text.npos;
}

using Events = std::vector<CameraEvent>;

}  // namespace

TEST_CASE("real recordings of every container have the counts and sums of their list") {
    const std::string folder = data_folder() + "/formats";
    if (!fs::is_regular_file(folder + "/CHECKSUMS.tsv")) {
        MESSAGE("skipped: no formats/CHECKSUMS.tsv; set SYNFIRE_DATA to the folder that holds it");
        return;
    }
    std::ifstream list(folder + "/CHECKSUMS.tsv");
    std::string line;
    std::getline(list, line);
    int files = 0;
    while (std::getline(list, line)) {
        CAPTURE(line);
        std::istringstream row(line);
        std::string file;
        std::uint64_t events, sum_x, sum_y, on;
        std::int64_t sum_time, first, last;
        std::uint32_t min_x, max_x, min_y, max_y;
        row >> file >> events >> sum_x >> sum_y >> on >> sum_time >> first >> last >> min_x >>
            max_x >> min_y >> max_y;
        REQUIRE(!row.fail());
        const RecordingSummary s = summarise(*open_recording(folder + "/" + file));
        CHECK(s.events == events);
        CHECK(s.sum_x == sum_x);
        CHECK(s.sum_y == sum_y);
        CHECK(s.on == on);
        CHECK(s.sum_time_us == sum_time);
        CHECK(s.first_us == first);
        CHECK(s.last_us == last);
        CHECK(s.min_x == min_x);
        CHECK(s.max_x == max_x);
        CHECK(s.min_y == min_y);
        CHECK(s.max_y == max_y);
        CHECK(s.backward == 0);
        CHECK(s.outside == 0);
        CHECK(s.info.cut_bytes == 0);
        std::uint64_t over_time = 0;
        for (const auto& [begin, count] : s.over_time) over_time += count;
        CHECK(over_time == events);
        ++files;
    }
    CHECK(files >= 16);
}

TEST_CASE("AEDAT 1 and 2: addresses of DVS128 and DAVIS") {
    const auto address = [](unsigned x, unsigned y, unsigned off) {
        return std::uint64_t{y << 8 | x << 1 | off};
    };
    // x, y and polarity are turned; an external event, and one of no pixel, are passed over.
    const Bytes two =
        bytes_of("#!AER-DAT2.0\r\n# AEChip: a.b.DVS128\r\n") +
        packed(4, {address(0, 127, 1), 10, 0x8001, 11, address(127, 1, 0), 12, 0x10000, 13}, true);
    const Decoded d = decoded(two);
    CHECK(d.events == Events{{10, 127, 0, 0}, {12, 0, 126, 1}});
    CHECK(passed(d, "external events") == 1);
    CHECK(passed(d, "addresses of no pixel") == 1);
    CHECK(d.info.sensor == "DVS128");
    CHECK(d.info.columns == 128);
    CHECK(decoded(two + Bytes{1, 2, 3}).info.cut_bytes == 3);

    const Bytes one =
        bytes_of("# AEChip: DVS128\n") + packed(2, {address(3, 4, 0)}, true) + packed(4, {7}, true);
    CHECK(decoded(one).events == Events{{7, 124, 123, 1}});

    const Decoded davis = decoded(
        bytes_of("#!AER-DAT2.0\n# AEChip: x.Davis346red\n") +
        packed(4, {5u << 22 | 9u << 12 | 1u << 11, 1, 0x80000000u, 2, 0x80000c00u, 3, 1u << 10, 4},
               true));
    CHECK(davis.events == Events{{1, 9, 5, 1}});
    CHECK(davis.info.upward);
    CHECK(davis.info.mirrored);
    CHECK(davis.info.rows == 260);
    CHECK(passed(davis, "samples of images") == 1);
    CHECK(passed(davis, "words of inertial sensors") == 1);
    CHECK(passed(davis, "external events") == 1);

    // The clock of 32 bits begins anew.
    const Decoded wrapped =
        decoded(bytes_of("#!AER-DAT2.0\n") + packed(4, {0, 0xfffffff0u, 0, 5}, true));
    CHECK(wrapped.events[1].time_us == (std::int64_t{1} << 32) + 5);
    // A first address that looks like the mark of a comment is none.
    const Decoded sharp = decoded(bytes_of("#!AER-DAT2.0\n# AEChip: DAVIS240C\n") +
                                  packed(4, {0x23000000u, 0x0a000000u}, true));
    CHECK(sharp.events.size() == 1);
    CHECK(says(refused(bytes_of("#!AER-DAT2.0\n# AEChip: x.CochleaAMS1c\n")), "'CochleaAMS1c'"));
}

TEST_CASE("AEDAT 3: packets, invalid events, overflows of the clock") {
    const auto data = [](unsigned x, unsigned y, unsigned on, unsigned valid) {
        return std::uint64_t{x << 17 | y << 2 | on << 1 | valid};
    };
    unsigned source = 1;
    const auto packet = [&](unsigned type, unsigned size, unsigned overflow, unsigned capacity,
                            unsigned number, unsigned valid = 0) {
        return packed(2, {type, source}) + packed(4, {size, 4, overflow, capacity, number, valid});
    };
    const Bytes head =
        bytes_of("#!AER-DAT3.1\r\n#Format: RAW\r\n#Source 1: DVS128\r\n#!END-HEADER\r\n");
    const Bytes camera =
        packet(1, 8, 1, 3, 2) + packed(4, {data(5, 6, 1, 1), 100, data(1, 1, 1, 0), 101, 0, 0});
    const Bytes frames = packet(2, 16, 0, 1, 1) + Bytes(16, 7);
    const Decoded d = decoded(head + frames + camera + packet(1, 8, 0, 0, 0));
    CHECK(d.events == Events{{(std::int64_t{1} << 31) + 100, 5, 6, 1}});
    CHECK(d.info.sensor == "DVS128");
    CHECK(passed(d, "events marked as invalid") == 1);
    CHECK(passed(d, "frames") == 1);
    CHECK(d.info.cut_bytes == 0);
    CHECK_FALSE(d.info.upward);
    CHECK(decoded(head + camera + Bytes{1, 2}).info.cut_bytes == 2);
    CHECK(decoded(bytes_of("#!AER-DAT3.0\r\n") + camera).info.upward);
    // Events of another camera, and a packet of it of which only the header is there.
    source = 2;
    const Bytes other = packet(1, 8, 0, 1, 1) + packed(4, {data(9, 9, 1, 1), 1});
    const Decoded two = decoded(head + camera + other);
    CHECK(two.events == d.events);
    CHECK(passed(two, "events of another camera") == 1);
    const Decoded cut = decoded(head + camera + packet(3, 36, 0, 10, 10));
    CHECK(cut.info.cut_bytes == 28);
    CHECK(passed(cut, "samples of inertial sensors") == 0);
    source = 1;
    // A packet that counts all of its events as valid need not mark them.
    CHECK(decoded(head + packet(1, 8, 0, 1, 1, 1) + packed(4, {data(5, 6, 1, 0), 7})).events ==
          Events{{7, 5, 6, 1}});
    CHECK(says(refused(head + packet(1, 12, 0, 1, 1)), "events of 12 bytes"));
    CHECK(says(refused(bytes_of("#!AER-DAT3.1\r\n#Format: Serial-TS\r\n")), "'Serial-TS'"));
}

TEST_CASE("DAT: header, old layout, wraps") {
    const auto at = [](unsigned x, unsigned y, unsigned p) {
        return std::uint64_t{p << 28 | y << 14 | x};
    };
    const Decoded d = decoded(
        bytes_of("% Data file containing CD events.\n% Version 2\n% Width 304\n% Height 240\n") +
        Bytes{0x0c, 8} + packed(4, {0xfffffff0u, at(303, 239, 1), 3, at(1, 2, 0)}));
    CHECK(d.events == Events{{0xfffffff0, 303, 239, 1}, {(std::int64_t{1} << 32) + 3, 1, 2, 0}});
    CHECK(d.info.columns == 304);
    CHECK(d.info.rows == 240);
    const Decoded old = decoded(bytes_of("% Data file containing TD events.\n") + Bytes{0, 8} +
                                packed(4, {9, 1u << 17 | 200u << 9 | 300u}));
    CHECK(old.events == Events{{9, 300, 200, 1}});
    CHECK(decoded(packed(4, {1, at(3, 4, 1), 1, at(5, 6, 0)}), "dat").events ==
          Events{{1, 3, 4, 1}, {1, 5, 6, 0}});
    CHECK(says(refused(bytes_of("% Version 2\n") + Bytes{0x0e, 8}), "type 0x0e"));
}

TEST_CASE("EVT 2.0: the time before events, wraps, triggers") {
    const auto event = [](unsigned type, unsigned low, unsigned x, unsigned y) {
        return std::uint64_t{type << 28 | low << 22 | x << 11 | y};
    };
    const auto high = [](std::uint64_t time) { return (std::uint64_t{8} << 28) | time >> 6; };
    const Decoded d = decoded(
        bytes_of("% evt 2.0\n% plugin_name hal_plugin_gen41_evk3\n% end\n") +
        packed(4, {event(1, 1, 1, 1), high(std::uint64_t{0xfffffff} << 6), event(0, 63, 1279, 719),
                   0xa0000001u, 0xe0000000u, high(64), event(1, 2, 3, 4)}));
    CHECK(d.events == Events{{(std::int64_t{0xfffffff} << 6) + 63, 1279, 719, 0},
                             {(std::int64_t{1} << 34) + 66, 3, 4, 1}});
    CHECK(d.info.columns == 1280);
    CHECK(passed(d, "events before the first time") == 1);
    CHECK(passed(d, "triggers") == 1);
    CHECK(passed(d, "other words") == 1);
    // Lost data lets the time go back a little; that is no wrap, and is reported.
    const Bytes lost = bytes_of("% evt 2.0\n") +
                       packed(4, {high(6400), event(0, 0, 0, 0), high(640), event(0, 0, 0, 0)});
    const RecordingSummary s = summarise(*open_recording(ByteSource(lost, "file")));
    CHECK(s.backward == 1);
    CHECK(s.largest_step_us == 5760);
}

TEST_CASE("EVT 2.1: pixels of a mask, both orders of halves") {
    const std::uint64_t time = std::uint64_t{8} << 60 | std::uint64_t{2} << 32;
    const std::uint64_t events = std::uint64_t{1} << 60 | std::uint64_t{5} << 54 |
                                 std::uint64_t{64} << 43 | std::uint64_t{7} << 32 | 0x80000001u;
    const Events expected = {{133, 64, 7, 1}, {133, 95, 7, 1}};
    CHECK(decoded(bytes_of("% evt 2.1\n") + packed(8, {time, events})).events == expected);
    const auto turned = [](std::uint64_t word) { return word << 32 | word >> 32; };
    CHECK(decoded(bytes_of("% format EVT21;height=720;width=1280\n% end\n") +
                  packed(8, {turned(time), turned(events)}))
              .events == expected);
    // Neither a time that goes back nor a word that goes on turns the halves.
    const std::uint64_t before = std::uint64_t{8} << 60 | std::uint64_t{1} << 32;
    const std::uint64_t goes_on = std::uint64_t{15} << 60,
                        small = events & ~std::uint64_t{0x80000000u};
    const Decoded back = decoded(bytes_of("% evt 2.1\n") +
                                 packed(8, {time, before, time, goes_on, small, small, small}));
    CHECK(back.events.size() == 3);
    CHECK(passed(back, "other words") == 1);
}

TEST_CASE("a container that is named overrules no file that says what it is") {
    const Bytes aedat3 = bytes_of("#!AER-DAT3.1\r\n#!END-HEADER\r\n");
    CHECK(says(refused(aedat3, "aedat2"), "the file is 'aedat3', and is to be read as 'aedat2'"));
    const Bytes evt2 = bytes_of("% evt 2.0\n") + packed(4, {std::uint64_t{8} << 28});
    CHECK(says(refused(evt2, "evt3"), "the file is 'evt2'"));
    CHECK(refused(evt2, "evt2").empty());
}

TEST_CASE("events that look like a line of the header are events") {
    // y = 140 and x = 160: the address begins with '#' and a line feed.
    const Bytes head =
        bytes_of("#!AER-DAT2.0\r\n# AEChip: eu.seebetter.ini.chips.davis.DAVIS240C\r\n");
    const std::uint64_t address = 0x230a0000;
    const Decoded d = decoded(head + packed(4, {address, 5, address, 6}, true));
    REQUIRE(d.events.size() == 2);
    CHECK(d.events[0].y == 140);
    CHECK(d.events[0].x == 160);
}

TEST_CASE("EVT 3.0: vectors, wraps of the clock, words before the first time") {
    const Bytes words =
        packed(2, {0x0005, 0x2801,                  // y = 5; an event before any time
                   0x8fff, 0x6fff, 0x2803,          // the last microsecond before a wrap; x = 3, ON
                   0x8000, 0x6001, 0x0007, 0x300a,  // 2^24 + 1, y = 7, base x = 10, OFF
                   0x4801, 0x5003,                  // bits 0 and 11, then 0 and 1 from 22 on
                   0xa001, 0xe000, 0x1000});
    const Decoded d = decoded(bytes_of("% evt 3.0\n") + words);
    const std::int64_t wrap = std::int64_t{1} << 24;
    CHECK(d.events == Events{{wrap - 1, 3, 5, 1},
                             {wrap + 1, 10, 7, 0},
                             {wrap + 1, 21, 7, 0},
                             {wrap + 1, 22, 7, 0},
                             {wrap + 1, 23, 7, 0}});
    CHECK(passed(d, "events before the first time") == 1);
    CHECK(passed(d, "triggers") == 1);
    CHECK(passed(d, "unknown words") == 1);
    CHECK(decoded(bytes_of("% evt 3.0\n") + words + Bytes{1}).info.cut_bytes == 1);
}

TEST_CASE("Event Stream: steps of time, resets, types that cannot be read") {
    const Bytes head = bytes_of("Event Stream") + Bytes{2, 0, 0, 1} + packed(2, {34, 36});
    const Bytes body = Bytes{0xff, 0xfe, 3 << 1 | 1} + packed(2, {33, 35}) + Bytes{0xff, 0};
    const Decoded d = decoded(head + body + packed(2, {1, 2}) + Bytes{9, 1});
    CHECK(d.events == Events{{130, 33, 35, 1}, {257, 1, 2, 0}});
    CHECK(d.info.upward);
    CHECK(d.info.rows == 36);
    CHECK(d.info.cut_bytes == 2);
    CHECK(passed(d, "resets") == 1);
    CHECK(says(refused(bytes_of("Event Stream") + Bytes{2, 0, 0, 2, 0, 0, 0, 0}),
               "type 2 (ATIS events)"));
    CHECK(says(refused(bytes_of("Event Stream") + Bytes{1, 0, 0, 1, 0, 0, 0, 0}), "version 1.0.0"));
}

TEST_CASE("SLAYER's spikes of one and three dimensions") {
    CHECK(decoded(Bytes{0x02, 0xbb, 0x80, 0x01, 0x00}, "", "1.bs1").events ==
          Events{{256, 699, 0, 1}});
    CHECK(decoded(Bytes{0x02, 0x10, 0x03, 1, 0, 1, 0}).events == Events{{256, 33, 3, 1}});
    CHECK(says(refused(Bytes{0, 0, 0, 2, 0, 0, 0}, "bs3"), "channel 2"));
}

TEST_CASE("text: seconds and microseconds, a size first, bad lines by number") {
    const Events expected = {{3811, 96, 133, 0}, {3820, 11, 20, 1}};
    CHECK(decoded(bytes_of("0.003811000 96 133 0\n0.003820001 11 20 1\n")).events == expected);
    const Decoded sized =
        decoded(bytes_of("240 180\r\n# t x y p\r\n3811, 96, 133, -1\r\n3820,11,20,1"));
    CHECK(sized.events == expected);
    CHECK(sized.info.columns == 240);
    CHECK(passed(sized, "comments") == 1);
    CHECK(says(refused(bytes_of("1 2 3 0\n\n1.5 2 3 0\n")), "file:3: '1.5 2 3 0' is no event"));
    CHECK(says(refused(bytes_of("1 2 3 0\n1 70000 3 0\n")), "file:2"));
    CHECK(says(refused(bytes_of("1 2 3 0\n1 2 3 2\n")), "file:2"));
    CHECK(says(refused(bytes_of("1 2 3 0\n" + std::string(1000, '1'))), "more than 256 bytes"));
}

TEST_CASE("files that are no recordings, and containers that are none, are refused") {
    CHECK(says(refused(bytes_of("\x93NUMPY") + Bytes(34)), "no recording in a container"));
    CHECK(says(refused(bytes_of("hello")), "no recording in a container that is known"));
    CHECK(says(refused(bytes_of("1 2 3 0\n"), "evt4"), "'evt4' is no container"));
    CHECK(says(refused(bytes_of("#!AER-DAT4.0\r\n\x10")), "ends within its header"));
    CHECK(says(refused(bytes_of("#!AER-DAT4.0\r\n") + packed(4, {8}) + Bytes(8, 1)),
               "header is damaged"));
    const fs::path folder = scratch_folder();
    std::ofstream(folder / "empty.raw").flush();
    CHECK_THROWS_WITH_AS(open_recording((folder / "empty.raw").string()),
                         doctest::Contains("the file is empty"), InputError);
    CHECK_THROWS_WITH_AS(open_recording(folder.string()), doctest::Contains("this is a folder"),
                         InputError);
    CHECK_THROWS_WITH_AS(open_recording((folder / "none").string()),
                         doctest::Contains("no such file"), InputError);
}

TEST_CASE("a recording that was cut at any byte gives its beginning or a sentence") {
    const std::string folder = data_folder() + "/formats";
    if (!fs::is_directory(folder)) {
        MESSAGE("skipped: no formats; set SYNFIRE_DATA to the folder that holds it");
        return;
    }
    for (const char* name : {"aedat4/hand_wave_0.aedat4", "es/ncars.es", "NCARS_obj_004397_td.dat",
                             "prophesee/evt3_small.raw", "prophesee/evt2_headerless.bin",
                             "aedat31_tiny/aedat2_led.aedat"}) {
        CAPTURE(name);
        std::stringstream text;
        text << std::ifstream(folder + "/" + name, std::ios::binary).rdbuf();
        const Bytes bytes = bytes_of(text.str());
        const Decoded all = decoded(bytes);
        for (std::size_t part = 1; part < 40; ++part) {
            const std::size_t size = bytes.size() * part / 40 + part % 7;
            try {
                const Events events =
                    decoded({bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size)},
                            all.info.container)
                        .events;
                CHECK(events.size() <= all.events.size());
                CHECK(std::equal(events.begin(), events.end(), all.events.begin()));
            } catch (const InputError& error) {
                CHECK(std::string(error.what()).size() > 10);
            }
        }
    }
}

TEST_CASE("AEDAT 4: what is written is read, however it is compressed") {
    Events events;
    for (std::uint32_t k = 0; k < 25000; ++k)
        events.push_back({1'700'000'000'000'000 + k * 3, static_cast<std::uint16_t>(k % 640),
                          static_cast<std::uint16_t>(k * 7 % 480),
                          static_cast<std::uint8_t>(k % 2)});
    const fs::path path = fs::path(scratch_folder()) / "a.aedat4";
    for (const Compression compression : {Compression::none, Compression::lz4, Compression::zstd}) {
        Aedat4Writer writer(path.string(), 640, 480, "a <camera>", compression);
        writer.add(events);
        writer.close();
        const auto decoder = open_recording(path.string());
        Events read = events_of(*decoder);
        for (CameraEvent& e : read) e.time_us += events[0].time_us;
        CHECK(read == events);
        CHECK(decoder->info().columns == 640);
        CHECK(decoder->info().rows == 480);
        CHECK(decoder->info().cut_bytes == 0);
        // Where the header says that a table stands among packets, it is damaged.
        std::stringstream whole;
        whole << std::ifstream(path, std::ios::binary).rdbuf();
        const std::string bytes = whole.str();
        const std::size_t packets = bytes.size() / 2;
        std::string lies = bytes;
        const std::uint64_t none = UINT64_MAX;  // what the writer says: there is no table
        const std::size_t place = lies.find(std::string(reinterpret_cast<const char*>(&none), 8));
        REQUIRE(place != lies.npos);
        std::memcpy(lies.data() + place, &packets, 8);
        CHECK(says(refused(bytes_of(lies)), "a table of packets stands at byte"));
        if (compression == Compression::none) continue;
        // A byte changed within the first packet.
        std::fstream file(path, std::ios::binary | std::ios::in | std::ios::out);
        file.seekp(static_cast<std::streamoff>(fs::file_size(path) / 6));
        file.put('\x55').put('\xaa').put('\x55');
        file.close();
        try {
            const Events damaged = events_of(*open_recording(path.string()));
            CHECK(damaged.size() <= events.size());
        } catch (const InputError& error) {
            CHECK(says(error.what(), "the packet at byte"));
        }
    }
}

TEST_CASE("hot pixels stand out; busy ones do not") {
    PixelCounts counts;
    for (std::uint16_t x = 0; x < 100; ++x)
        for (int k = 0; k < 20 + x % 10; ++k) counts.add({0, x, 5, 0});
    CHECK(counts.hot().empty());
    for (int k = 0; k < 1000; ++k) counts.add({0, 700, 300, 1});
    const std::vector<HotPixel> hot = counts.hot();
    REQUIRE(hot.size() == 1);
    CHECK(hot[0].x == 700);
    CHECK(hot[0].y == 300);
    CHECK(hot[0].events == 1000);
}
