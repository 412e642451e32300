#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>

#include "atis/atis.hpp"
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

// The format's own reading, with fields of its "input" object.
InputData load(const std::string& folder, const json& fields, std::uint64_t limit = UINT64_MAX) {
    json input = {{"train", "Train"}, {"test", "Test"}, {"binning", "time"}, {"downsample", 1}};
    input.update(fields);
    InputRequest request;
    request.json = input;
    request.data_folder = folder;
    request.shape = MapShape{2, 4, 4};
    request.units = 32;
    request.ticks = 5;
    request.dt_ms = 10;
    request.limit = limit;
    return atis_format().load(request);
}

std::string refusal(const std::string& folder, json fields = json::object()) {
    try {
        load(folder, fields);
        return "";
    } catch (const InputError& error) {
        return error.what();
    }
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
    const auto events = read_atis(file.string());
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
    CHECK(by_time.train.keys ==
          std::vector<std::uint32_t>{key(0, 0, 0, 0), key(1, 1, 3, 3), key(4, 1, 1, 1)});
    CHECK(by_time.train.late == 1);
    const InputData by_count = load(folder, {{"downsample", 2}, {"binning", "count"}});
    CHECK(by_count.train.keys == std::vector<std::uint32_t>{key(0, 0, 0, 0), key(1, 1, 3, 3),
                                                            key(2, 1, 1, 1), key(3, 1, 0, 0)});
    CHECK(by_count.train.late == 0);
}

TEST_CASE(
    "classes are folders in alphabetical order, and the first recordings are of all of them") {
    const std::string folder = two_classes(4);
    const InputData all = load(folder, json::object());
    CHECK(all.train.labels == std::vector<std::uint32_t>{0, 1, 0, 1, 0, 1, 0, 1});
    CHECK(all.test.labels == std::vector<std::uint32_t>{0, 1});
    CHECK(load(folder, json::object(), 3).train.labels == std::vector<std::uint32_t>{0, 1, 0});
    const InputData split = load(folder, {{"test_every", 2}});
    CHECK(split.train.labels == std::vector<std::uint32_t>{0, 1, 0, 1});
    CHECK(split.test.labels == std::vector<std::uint32_t>{0, 1, 0, 1});
    for (const std::uint32_t k : split.train.keys)
        CHECK(std::ranges::find(split.test.keys, k) == split.test.keys.end());
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
        EventSet set;
        set.units = 2;
        std::vector<CameraEvent> events;
        const std::int64_t step_us = std::lround(dt * 1000);
        for (std::int64_t k = 0; k < 5000; ++k) {
            events.push_back({k * step_us, 0, 0, 0});
            events.push_back({(k + 1) * step_us - 1, 0, 0, 1});
        }
        add_atis(set, events, 0, {{2, 1, 1}, 1, AtisBinning::time, 5000, dt}, "a.bin");
        CHECK(set.late == 0);
        CHECK(set.merged == 0);
        CHECK(set.keys.size() == 10000);
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
        const auto events = read_atis(entry.path().string());
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
        EventSet set;
        set.units = 2 * 34 * 34;
        set.ticks = 20;
        add_atis(set, events, 0, {{2, 34, 34}, 1, AtisBinning::time, 20, 16},
                 entry.path().string());
        CHECK(set.keys.size() + set.merged + set.late == events.size());
        CHECK(set.late == 0);
    }
    CHECK(recordings == 9);
}
