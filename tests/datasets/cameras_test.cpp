#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <thread>

#include "base/problem.hpp"
#include "base/random.hpp"
#include "binning.hpp"
#include "cameras/formats.hpp"
#include "datasets/load_format.hpp"
#include "event_file.hpp"
#include "recordings/containers.hpp"
#include "support/environment.hpp"

using namespace synfire;
using namespace synfire::testing;
namespace fs = std::filesystem;
using json = nlohmann::json;

namespace {

// One event as the files hold it.
std::string event(unsigned x, unsigned y, unsigned polarity, unsigned time_us) {
    const unsigned bytes[] = {x, y, polarity << 7 | time_us >> 16, time_us >> 8 & 0xff,
                              time_us & 0xff};
    std::string text;
    for (const unsigned b : bytes) text += static_cast<char>(b);
    return text;
}

void write(const fs::path& path, const std::string& content) {
    fs::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << content;
}

// A format's own reading of recordings for a population of 4 x 4 pixels, with fields of its "input"
// object.
InputData load_with(const InputFormat& format, const std::string& folder, json input,
                    std::uint64_t limit = UINT64_MAX, std::uint32_t channels = 2) {
    return load_format(format, folder, std::move(input), {{channels, 4, 4}, 5, 10, limit});
}

InputData load(const std::string& folder, const json& fields, std::uint64_t limit = UINT64_MAX) {
    return load_with(as_format(atis_data_set()), folder, fields, limit);
}

std::string refusal(const std::string& folder, json fields = json::object()) {
    try {
        load(folder, fields);
        return "";
    } catch (const InputError& error) {
        return error.what();
    }
}

std::vector<std::uint32_t> keys_of(const EventSet& set) {
    return {set.keys().begin(), set.keys().end()};
}

bool has(const std::string& text, const std::string& part) {
    const bool found = text.find(part) != std::string::npos;
    if (!found) MESSAGE(text);
    return found;
}

// Two classes with `count` recordings each and a test folder of one each.
std::string two_classes(int count) {
    const std::string folder = scratch_folder();
    for (const char* c : {"cat", "dog"}) {
        for (int k = 0; k < count; ++k)
            write(fs::path(folder) / "Train" / c / (std::to_string(k) + ".bin"),
                  event(c[0] == 'c' ? 1 : 2, static_cast<unsigned>(k % 4), 1, 15000));
        write(fs::path(folder) / "Test" / c / "0.bin", event(0, 0, 0, 0));
    }
    return folder;
}

}  // namespace

TEST_CASE("events are read as they were written, clock overflows included") {
    const fs::path file = fs::path(scratch_folder()) / "a.bin";
    write(file, event(3, 7, 1, 0x123456) + event(0, 240, 0, 0x7fffff) + event(255, 239, 0, 5));
    const auto events = events_of(*open_recording(file.string(), "atis"));
    REQUIRE(events.size() == 2);
    CHECK(events[0].x == 3);
    CHECK(events[0].y == 7);
    CHECK(events[0].polarity == 1);
    CHECK(events[0].time_us == 0x123456);
    CHECK(events[1].x == 255);
    CHECK(events[1].polarity == 0);
    CHECK(events[1].time_us == 5 + 8192);
}

TEST_CASE("binning by time and by count, and rows and columns taken together") {
    const std::string folder = scratch_folder();
    const std::string four = event(0, 1, 0, 9999) + event(7, 6, 1, 10000) + event(2, 3, 1, 49999) +
                             event(1, 1, 1, 50000);
    for (const char* split : {"Train", "Test"})
        write(fs::path(folder) / split / "a" / "0.bin", four);
    const InputData by_time = load(folder, {{"downsample", 2}});
    const std::uint32_t units = 32;
    auto key = [&](std::uint32_t tick, std::uint32_t polarity, std::uint32_t y, std::uint32_t x) {
        return tick * units + (y * 4 + x) * 2 + polarity;
    };
    CHECK(keys_of(by_time.train) ==
          std::vector<std::uint32_t>{key(0, 0, 0, 0), key(1, 1, 3, 3), key(4, 1, 1, 1)});
    CHECK(by_time.train.left_out.late == 1);
    const InputData by_count = load(folder, {{"downsample", 2}, {"binning", "count"}});
    CHECK(keys_of(by_count.train) == std::vector<std::uint32_t>{key(0, 0, 0, 0), key(1, 1, 3, 3),
                                                                key(2, 1, 1, 1), key(3, 1, 0, 0)});
    CHECK(by_count.train.left_out.late == 0);
}

namespace {

// What a test needs of the cache: a folder of its own.
struct CacheFolder {
    std::string root = empty_cache();
    std::vector<fs::path> files() const {
        std::vector<fs::path> found;
        for (const auto& entry : fs::directory_iterator(root + "/synfire"))
            found.push_back(entry.path());
        return found;
    }
};

}  // namespace

TEST_CASE("every event is taken, merged, or left out for one reason that is counted") {
    const CacheFolder cache;
    const std::string folder = scratch_folder();
    std::string events;
    Random random(3, Stream::scene, 0, 0);
    for (std::uint32_t k = 0; k < 300; ++k)
        events += event(random.below(8), random.below(8), random.below(2), 300 * k);
    for (const char* split : {"Train", "Test"})
        write(fs::path(folder) / split / "a" / "0.bin", events);
    const json prepared = {{"area", {2, 1, 4, 4}}, {"from_ms", 20}, {"to_ms", 80}};
    for (const bool again : {false, true}) {  // read, and from the cache
        CAPTURE(again);
        const EventSet set = load(folder, prepared).train;
        std::uint64_t all = set.keys().size() + set.merged;
        for (const LeftOut::Reason& reason : LeftOut::reasons) {
            CAPTURE(reason.name);
            if (reason.count == &LeftOut::area || reason.count == &LeftOut::time ||
                reason.count == &LeftOut::late)
                CHECK(set.left_out.*reason.count > 0);
            all += set.left_out.*reason.count;
        }
        CHECK(all == 300);
    }
}

TEST_CASE(
    "classes are folders in alphabetical order, and the first recordings are of all of them") {
    const std::string folder = two_classes(4);
    const InputData all = load(folder, json::object());
    CHECK(all.train.labels == std::vector<std::uint32_t>{0, 1, 0, 1, 0, 1, 0, 1});
    CHECK(all.test.labels == std::vector<std::uint32_t>{0, 1});
    CHECK(load(folder, json::object(), 3).train.labels == std::vector<std::uint32_t>{0, 1, 0});
    const InputData split = load(folder, {{"test_every", 2}});
    REQUIRE(split.notes.size() == 1);
    CHECK(split.notes[0].find("the folder \"Test\" is not read") != std::string::npos);
    CHECK(split.train.labels == std::vector<std::uint32_t>{0, 1, 0, 1});
    CHECK(split.test.labels == std::vector<std::uint32_t>{0, 1, 0, 1});
    for (const std::uint32_t k : split.train.keys())
        CHECK(std::ranges::find(split.test.keys(), k) == split.test.keys().end());
}

TEST_CASE("what is no recording is passed over and counted, and hidden folders are no classes") {
    const std::string folder = two_classes(2);
    const InputData before = load(folder, json::object());
    CHECK(before.passed_over.files == 0);
    CHECK(before.passed_over.folders == 0);
    for (const char* name : {"Train/.git/0.bin", "Train/cat/.0.bin", "Train/cat/readme.txt",
                             "Train/cat/more/0.bin", "Test/list.csv"})
        write(fs::path(folder) / name, event(3, 3, 1, 15000));
    fs::rename(fs::path(folder) / "Train/cat/1.bin", fs::path(folder) / "Train/cat/1.BIN");
    const InputData after = load(folder, json::object());
    CHECK(after.train.fingerprint() == before.train.fingerprint());
    CHECK(after.test.fingerprint() == before.test.fingerprint());
    CHECK(after.passed_over.files == 3);
    CHECK(after.passed_over.folders == 2);
    CHECK(has(after.passed_over.example, folder + "/Train/cat/"));
}

TEST_CASE("an event at the border of two ticks belongs to the later one") {
    for (const double dt : {0.1, 0.3, 0.7, 1.0}) {
        CAPTURE(dt);
        const long step_us = std::lround(dt * 1000);
        const TickClock clock(0.001, dt, 53);
        for (long k = 0; k < 5000; ++k) {
            REQUIRE(clock.tick(static_cast<double>(k * step_us)) == k);
            REQUIRE(clock.tick(static_cast<double>((k + 1) * step_us - 1)) == k);
        }
    }
}

TEST_CASE("the clock may overflow as often as a recording lasts") {
    std::string bytes;
    for (int k = 0; k < 600000; ++k) bytes += event(0, 240, 0, 0);
    bytes += event(1, 1, 0, 7);
    const auto decoder = open_recording(ByteSource({bytes.begin(), bytes.end()}, "a.bin"), "atis");
    const std::vector<CameraEvent> events = events_of(*decoder);
    REQUIRE(events.size() == 1);
    CHECK(events[0].time_us == 600000ll * 8192 + 7);
}

TEST_CASE("bad recordings and folders are refused with a sentence each") {
    const std::string folder = two_classes(1);
    write(fs::path(folder) / "Train/cat/0.bin", event(1, 1, 1, 1) + "abc");
    CHECK(has(refusal(folder), "Train/cat/0.bin: the file ends within an event: it has 8 bytes"));
    write(fs::path(folder) / "Train/cat/0.bin", event(1, 1, 1, 1) + event(4, 1, 1, 1));
    CHECK(has(refusal(folder),
              "event 1 is at x = 4, y = 1; the input population stands for a "
              "sensor of 4 columns and 4 rows, so x is 0 to 3 and y 0 to 3"));
    write(fs::path(folder) / "Train/cat/0.bin", event(1, 9, 1, 1));
    CHECK(has(refusal(folder), "event 0 is at x = 1, y = 9"));
    write(fs::path(folder) / "Train/cat/0.bin",
          "version https://git-lfs.github.com/spec/v1\noid sha256:0123\nsize 21625\n");
    CHECK(has(refusal(folder), "Train/cat/0.bin: this is only a Git LFS pointer"));
    fs::remove(fs::path(folder) / "Train/cat/0.bin");
    CHECK(has(refusal(folder), "Train/cat: the class has no recording"));
    CHECK(has(refusal(folder, {{"train", "none"}}), "none: there is no such folder"));
    fs::create_directories(folder + "/empty");
    CHECK(has(refusal(folder, {{"train", "empty"}}), "empty: there are no folders in it"));
    fs::remove_all(folder + "/Train/cat");
    CHECK(has(refusal(folder), "the classes 'dog' of the training recordings are not the classes"));
    CHECK(has(refusal(""), "--data DIR"));
}

TEST_CASE("real N-MNIST recordings look right") {
    const std::string folder = data_folder() + "/formats/nmnist-real";
    if (!fs::is_directory(folder)) {
        MESSAGE("skipped: no formats/nmnist-real; set SYNFIRE_DATA to the folder that holds it");
        return;
    }
    int recordings = 0;
    for (const auto& entry : fs::directory_iterator(folder)) {
        if (entry.path().extension() != ".bin") continue;
        CAPTURE(entry.path().string());
        ++recordings;
        const auto events = events_of(*open_recording(entry.path().string()));
        CHECK(events.size() == fs::file_size(entry.path()) / 5);
        CHECK(events.size() > 2000);
        CHECK(events.size() < 8000);
        CHECK(std::ranges::is_sorted(events, {}, &CameraEvent::time_us));
        CHECK(events.back().time_us > 300000);
        CHECK(events.back().time_us < 320000);
        std::size_t brighter = 0;
        for (const CameraEvent& e : events) {
            CHECK(e.x < 34);
            CHECK(e.y < 34);
            brighter += e.polarity;
        }
        CHECK(brighter > events.size() * 2 / 5);
        CHECK(brighter < events.size() * 3 / 5);
    }
    CHECK(recordings == 9);
}

namespace {

// As text, which every container's reader can read.
void write_events(const fs::path& path, const std::vector<CameraEvent>& events,
                  const std::string& first = "") {
    std::string text = first;
    for (const CameraEvent& e : events)
        text += std::to_string(e.time_us) + ' ' + std::to_string(e.x) + ' ' + std::to_string(e.y) +
                ' ' + std::to_string(int{e.polarity}) + '\n';
    write(path, text);
}

// The units of a recording in `ticks` of 10 ms, as (tick, channel, row, column).
std::vector<std::array<std::uint32_t, 4>> places_of(const EventSet& set,
                                                    std::uint32_t channels = 2) {
    std::vector<std::array<std::uint32_t, 4>> places;
    for (const std::uint32_t key : set.recording(0)) {
        const std::uint32_t unit = key % set.units, pixel = unit / channels;
        places.push_back({key / set.units, unit % channels, pixel / 4, pixel % 4});
    }
    return places;
}
using Places = std::vector<std::array<std::uint32_t, 4>>;

// One class with one recording, for both splits.
std::string one_recording(const std::vector<CameraEvent>& events, const std::string& first = "") {
    const std::string folder = scratch_folder();
    for (const char* split : {"train", "test"})
        write_events(fs::path(folder) / split / "a" / "0.txt", events, first);
    return folder;
}

}  // namespace

TEST_CASE("a sensor is mapped onto the population by areas, whole or in part") {
    const std::vector<CameraEvent> events = {
        {1'000'000, 0, 0, 0}, {1'010'000, 9, 5, 1}, {1'049'999, 4, 3, 1}};
    const std::string folder = one_recording(events, "10 6\n");
    const InputFormat format = as_format(event_folders_data_set());
    // 10 x 6 pixels onto 4 x 4: floor(x 4 / 10), floor(y 4 / 6); ticks from the earliest event.
    CHECK(places_of(load_with(format, folder, json::object()).train) ==
          Places{{0, 0, 0, 0}, {1, 1, 3, 3}, {4, 1, 2, 1}});
    CHECK(places_of(load_with(format, folder, {{"area", {1, 1, 8, 4}}}).train) ==
          Places{{4, 1, 2, 1}});
    CHECK(places_of(load_with(format, folder, {{"from_ms", 10}, {"to_ms", 49}}).train) ==
          Places{{0, 1, 3, 3}});
    const InputData merged = load_with(format, folder, {{"polarity", "merged"}}, UINT64_MAX, 1);
    CHECK(places_of(merged.train, 1) == Places{{0, 0, 0, 0}, {1, 0, 3, 3}, {4, 0, 2, 1}});
    const InputData on = load_with(format, folder, {{"polarity", "on"}}, UINT64_MAX, 1);
    CHECK(places_of(on.train, 1) == Places{{1, 0, 3, 3}, {4, 0, 2, 1}});
    const InputData off = load_with(format, folder, {{"polarity", "off"}}, UINT64_MAX, 1);
    CHECK(places_of(off.train, 1) == Places{{0, 0, 0, 0}});

    auto refused = [&](const json& fields) {
        try {
            load_with(format, folder, fields);
        } catch (const InputError& error) {
            return std::string(error.what());
        }
        return std::string();
    };
    CHECK(has(refused({{"area", {0, 0, 3, 6}}}), "at least the 4 columns and 4 rows"));
    CHECK(has(refused({{"area", {0, 0, 8}}}), "four numbers [x, y, columns, rows]"));
    CHECK(has(refused({{"area", {0, 0, 8, 8}}, {"downsample", 2}}), "one of them is allowed"));
    CHECK(has(refused({{"from_ms", 10}, {"to_ms", 10}}), "from_ms has to be less than to_ms"));
    CHECK(has(refused({{"polarity", "on"}}), "\"shape\" of [1, rows, columns]"));
    CHECK(has(refused({{"downsample", 1}}), "event 1 is at x = 9, y = 5"));
    CHECK(has(refused({{"container", "dvs"}}), "'dvs' is unknown"));
}

TEST_CASE("hot pixels are left out, times that go back are told and kept") {
    std::vector<CameraEvent> events;
    for (std::int64_t k = 0; k < 2000; ++k) events.push_back({k, 3, 3, 1});
    for (std::uint16_t k = 0; k < 100; ++k)
        events.push_back({1000 + k, static_cast<std::uint16_t>(k % 4),
                          static_cast<std::uint16_t>(k / 4 % 3), 0});
    const std::string folder = one_recording(events, "4 4\n");
    const InputData kept = load_with(as_format(event_folders_data_set()), folder, json::object());
    CHECK(kept.train.keys().size() == 13);
    REQUIRE(kept.notes.size() == 1);
    CHECK(has(kept.notes[0], "times go back in 2 recordings, by up to 999 us"));
    CHECK(load_with(as_format(event_folders_data_set()), folder, {{"hot_pixels", "remove"}})
              .train.keys()
              .size() == 12);
}

TEST_CASE("recordings that are cut off are told") {
    const std::string folder = scratch_folder();
    for (const char* split : {"train", "test"})
        write(fs::path(folder) / split / "a" / "0.es",
              std::string("Event Stream\2\0\0\1\4\0\4\0", 20) + std::string("\3\1\0\0\0\5\1", 7));
    const InputData data = load_with(as_format(event_folders_data_set()), folder, json::object());
    CHECK(places_of(data.train) == Places{{0, 1, 3, 1}});  // y counts upward
    REQUIRE(data.notes.size() == 1);
    CHECK(has(data.notes[0], "2 recordings end within an event or packet"));
}

namespace {

// An AEDAT 3.1 recording of DVS Gesture with events at so many microseconds.
std::string aedat3_recording(const std::vector<unsigned>& times) {
    std::string text = "#!AER-DAT3.1\r\n#Format: RAW\r\n#Source 1: DVS128\r\n#!END-HEADER\r\n";
    auto number = [&](unsigned value, int bytes) {
        for (int i = 0; i < bytes; ++i) text += static_cast<char>(value >> 8 * i);
    };
    number(1, 2);
    number(1, 2);
    const auto count = static_cast<unsigned>(times.size());
    for (const unsigned value : {8u, 4u, 0u, count, count, count}) number(value, 4);
    for (const unsigned time : times) {
        number(127u << 17 | 64u << 2 | 1u << 1 | 1u, 4);
        number(time, 4);
    }
    return text;
}

}  // namespace

TEST_CASE("DVS Gesture: trials of a recording by its label file, splits by the official lists") {
    const fs::path root = scratch_folder(), folder = root / "DvsGesture";
    write(folder / "user01_led.aedat", aedat3_recording({999, 1000, 25999, 26000, 40000}));
    write(folder / "user01_led_labels.csv",
          "class,startTime_usec,endTime_usec\n3,1000,26000\r\n11,26000,50000\n3,39000,41000\n");
    write(folder / "user24_led.aedat", aedat3_recording({5, 30}));
    write(folder / "user24_led_labels.csv", "1,0,20\n");
    write(folder / "trials_to_train.txt", "user01_led.aedat\n\n");
    write(folder / "trials_to_test.txt", "user24_led.aedat");
    const InputFormat format = as_format(dvs_gesture_data_set());
    for (const fs::path& given : {root, folder}) {
        const InputData data = load_with(format, given.string(), json::object());
        CHECK(data.train.labels == std::vector<std::uint32_t>{2, 10, 2});
        CHECK(data.test.labels == std::vector<std::uint32_t>{0});
        CHECK(places_of(data.train) == Places{{0, 1, 2, 3}, {2, 1, 2, 3}});
        CHECK(data.train.recording(1).size() == 2);
        CHECK(data.train.recording(2).size() == 1);
        REQUIRE(data.notes.size() == 1);
        CHECK(has(data.notes[0],
                  "1 rows are of a class that had one already, 1 pairs of rows overlap"));
    }
    CHECK(load_with(format, root.string(), {{"rows", "first"}}).train.labels ==
          std::vector<std::uint32_t>{2, 10});
    auto refused = [&] {
        try {
            load_with(format, root.string(), json::object());
        } catch (const InputError& error) {
            return std::string(error.what());
        }
        return std::string();
    };
    write(folder / "user24_led_labels.csv", "class,startTime_usec,endTime_usec\n12,0,20\n");
    CHECK(has(refused(), "user24_led_labels.csv:2: '12,0,20' is no trial"));
    write(folder / "user24_led_labels.csv", "1,20,20\n");
    CHECK(has(refused(), "user24_led_labels.csv:1"));
    fs::remove(folder / "user24_led_labels.csv");
    CHECK(has(refused(), "user24_led_labels.csv: there is no such file"));
    write(folder / "trials_to_test.txt", "../user24_led.aedat\n");
    CHECK(has(refused(), "trials_to_test.txt:1: '../user24_led.aedat' is no recording"));
    write(folder / "trials_to_test.txt", "\n");
    CHECK(has(refused(), "the list names no recording"));
}

TEST_CASE("CIFAR10-DVS: numbers below 100 are for the test, and pictures are turned") {
    const fs::path root = scratch_folder();
    // x = 127 - 100, y = 127 - 0 of the camera; upright they change places.
    const std::string recording =
        std::string("#!AER-DAT2.0\r\n# AEChip: DVS128\r\n") + std::string("\0\0\0\xc8\0\0\0\5", 8);
    for (const char* name : {"bird/cifar10_bird_99", "bird/cifar10_bird_100", "cat/cifar10_cat_0",
                             "cat/cifar10_cat_999"})
        write(root / (std::string(name) + ".aedat"), recording);
    write(root / "cat" / "notes.txt", "x");
    const InputData data =
        load_with(as_format(cifar10_dvs_data_set()), root.string(), json::object());
    CHECK(data.train.labels == std::vector<std::uint32_t>{0, 1});
    CHECK(data.test.labels == std::vector<std::uint32_t>{1, 0});
    CHECK(places_of(data.train) == Places{{0, 1, 0, 3}});
    CHECK(data.passed_over.files == 1);
    write(root / "cat" / "cifar10_cat_x.aedat", recording);
    CHECK_THROWS_WITH_AS(
        load_with(as_format(cifar10_dvs_data_set()), root.string(), json::object()),
        doctest::Contains("named cifar10_CLASS_N.aedat"), InputError);
}

TEST_CASE("N-MNIST, N-Caltech101 and N-CARS in their own folders") {
    const fs::path root = scratch_folder();
    for (int k = 0; k < 20; ++k)
        write(root / "Caltech101" / "ant" / ("image_" + std::to_string(100 + k) + ".bin"),
              event(239, 179, 1, 10000));
    for (const fs::path& given : {root, root / "Caltech101"}) {
        const InputData data =
            load_with(as_format(ncaltech101_data_set()), given.string(), json::object());
        CHECK(data.train.size() == 18);
        CHECK(data.test.size() == 2);
        CHECK(places_of(data.train) == Places{{1, 1, 3, 3}});
    }
    for (const char* split : {"Train", "Test"})
        write(root / split / "7" / "00001.bin", event(33, 0, 0, 0));
    CHECK(places_of(load_with(as_format(nmnist_data_set()), root.string(), json::object()).test) ==
          Places{{0, 0, 0, 3}});
    write(root / "Test" / "7" / "00001.bin", event(34, 0, 0, 0));
    CHECK_THROWS_WITH_AS(load_with(as_format(nmnist_data_set()), root.string(), json::object()),
                         doctest::Contains("a sensor of 34 columns and 34 rows"), InputError);
    for (const char* split : {"n-cars_train", "n-cars_test"})
        for (const char* c : {"background", "cars"})
            write(root / split / c / "obj_000001_td.dat",
                  std::string("% Version 2\n\x0c\x08\0\0\0\0\x77\0\0\x10", 22));
    const InputData cars = load_with(as_format(ncars_data_set()), root.string(), json::object());
    CHECK(cars.train.labels == std::vector<std::uint32_t>{0, 1});
    CHECK(places_of(cars.train) == Places{{0, 1, 0, 3}});
}

namespace {

void require_same(const InputData& a, const InputData& b) {
    for (const auto split : {&InputData::train, &InputData::test}) {
        CHECK((a.*split).fingerprint() == (b.*split).fingerprint());
        CHECK((a.*split).labels == (b.*split).labels);
        CHECK((a.*split).merged == (b.*split).merged);
        for (const LeftOut::Reason& reason : LeftOut::reasons)
            CHECK((a.*split).left_out.*reason.count == (b.*split).left_out.*reason.count);
    }
    CHECK(a.notes == b.notes);
}

}  // namespace

TEST_CASE("a split that was read once comes from the cache, until a recording changes") {
    const CacheFolder cache;
    const std::string folder = scratch_folder();
    for (const char* split : {"Train", "Test"})  // an event twice, one too late, one back in time
        write(fs::path(folder) / split / "a" / "0.bin",
              event(0, 1, 0, 9999) + event(0, 1, 0, 9999) + event(7, 6, 1, 70000) +
                  event(2, 3, 1, 49999));
    const InputData first = load(folder, {{"downsample", 2}});
    CHECK(first.train.merged == 1);
    CHECK(first.train.left_out.late == 1);
    CHECK(first.notes.size() == 1);
    CHECK(cache.files().size() == 2);
    require_same(load(folder, {{"downsample", 2}}), first);

    // Events that the cache does not know, in a file that looks as it was.
    const fs::path file = fs::path(folder) / "Train/a/0.bin";
    const auto changed = fs::last_write_time(file);
    write(file, event(3, 3, 1, 1) + event(3, 3, 1, 2) + event(3, 3, 1, 3) + event(3, 3, 1, 4));
    fs::last_write_time(file, changed);
    require_same(load(folder, {{"downsample", 2}}), first);
    fs::last_write_time(file, changed + std::chrono::seconds(1));
    CHECK(keys_of(load(folder, {{"downsample", 2}}).train).size() == 1);
    fs::remove(fs::path(folder) / "Test/a/0.bin");
    write(fs::path(folder) / "Test/a/0.bin", event(0, 0, 0, 0));
    load(folder, {{"downsample", 1}});
    CHECK(cache.files().size() == 5);
}

TEST_CASE("every setting of the sampling has a file of its own in the cache") {
    const CacheFolder cache;
    const std::string folder = two_classes(2);
    std::size_t files = 0;
    for (const json& fields :
         {json::object(), json{{"binning", "count"}}, json{{"downsample", 2}}, json{{"from_ms", 1}},
          json{{"to_ms", 20}}, json{{"hot_pixels", "remove"}}, json{{"area", {0, 0, 4, 4}}},
          json{{"area", {1, 0, 4, 4}}}, json{{"test_every", 2}}}) {
        CAPTURE(fields.dump());
        load(folder, fields);
        CHECK(cache.files().size() == files + 2);
        files = cache.files().size();
    }
}

TEST_CASE("a damaged file of the cache is known as such, whatever byte it is, and made again") {
    const CacheFolder cache;
    const std::string folder = two_classes(3);
    const InputData whole = load(folder, json::object());
    for (const fs::path& in_cache : cache.files()) {
        const fs::path file = fs::path(scratch_folder()) / "events";
        fs::copy_file(in_cache, file);
        json extra;
        CHECK(open_event_file(file.string(), extra).has_value());
        const auto size = static_cast<std::streamoff>(fs::file_size(file));
        for (std::streamoff at = 0; at < size; ++at) {
            std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
            stream.seekg(at);
            const char byte = static_cast<char>(stream.get());
            for (const char changed : {static_cast<char>(byte ^ 0x15), byte}) {
                stream.seekp(at);
                stream.put(changed);
                stream.flush();
                CHECK(open_event_file(file.string(), extra).has_value() == (changed == byte));
            }
        }
        for (std::uintmax_t left = fs::file_size(file); left-- > 0;) {
            fs::resize_file(file, left);
            CHECK_FALSE(open_event_file(file.string(), extra).has_value());
        }
        fs::remove(in_cache);  // is in use
        fs::copy_file(file, in_cache);
        require_same(load(folder, json::object()), whole);
    }
}

TEST_CASE("where there can be no cache, recordings are read all the same") {
    const std::string folder = two_classes(3);
    const InputData cached = [&] {
        const CacheFolder cache;
        return load(folder, json::object());
    }();
    REQUIRE(::setenv("XDG_CACHE_HOME", "/proc/none", 1) == 0);
    require_same(load(folder, json::object()), cached);
    REQUIRE(::setenv("XDG_CACHE_HOME", scratch_folder().c_str(), 1) == 0);
}

TEST_CASE("several at once make one file of the cache, and read the same") {
    const CacheFolder cache;
    const std::string folder = two_classes(40);
    std::vector<InputData> loaded(6);
    std::vector<std::thread> readers;
    for (InputData& data : loaded)
        readers.emplace_back([&] { data = load(folder, json::object()); });
    for (std::thread& reader : readers) reader.join();
    for (const InputData& data : loaded) require_same(data, loaded[0]);
    CHECK(cache.files().size() == 2);
}
