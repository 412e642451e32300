#include <doctest/doctest.h>
#include <zlib.h>

#include <filesystem>
#include <fstream>

#include "base/problem.hpp"
#include "recordings/containers.hpp"
#include "recordings/summary.hpp"
#include "support/environment.hpp"
#include "support/hdf5_files.hpp"

using namespace synfire;
using namespace synfire::testing;

namespace {

struct ReadEvents {
    std::vector<CameraEvent> events;
    RecordingInfo info;
};

ReadEvents read_from(const std::string& path) {
    const auto decoder = open_recording(path);
    ReadEvents read{events_of(*decoder), {}};
    read.info = decoder->info();
    return read;
}

std::string reason_against(const std::string& path) {
    try {
        read_from(path);
        return "";
    } catch (const InputError& error) {
        return error.what();
    }
}

const std::vector<CameraEvent> three = {{0, 345, 7, 1}, {26, 0, 259, 0}, {1000002, 12, 0, 1}};

// Elements of MAT 5 files.
std::string mat_word(std::uint32_t value, bool big) {
    std::string bytes;
    for (int i = 0; i < 4; ++i) bytes += static_cast<char>(value >> 8 * (big ? 3 - i : i));
    return bytes;
}
std::string mat_element(std::uint32_t type, const std::string& data, bool big) {
    std::string all = mat_word(type, big) + mat_word(static_cast<std::uint32_t>(data.size()), big);
    all += data;
    all.resize((all.size() + 7) / 8 * 8);
    return all;
}
std::string mat_vector(const std::string& name, const std::vector<std::uint32_t>& values,
                       bool big) {
    std::string numbers;
    for (const std::uint32_t value : values) numbers += mat_word(value, big);
    const auto count = static_cast<std::uint32_t>(values.size());
    // Short names are small elements.
    std::string small = big ? mat_word(static_cast<std::uint32_t>(name.size()) << 16 | 1, true)
                            : mat_word(static_cast<std::uint32_t>(name.size()) << 16 | 1, false);
    small += name;
    small.resize(8);
    return mat_element(14,
                       mat_element(6, mat_word(13, big) + mat_word(0, big), big) +
                           mat_element(5, mat_word(count, big) + mat_word(1, big), big) + small +
                           mat_element(6, numbers, big),
                       big);
}
std::string mat_header(bool big) {
    std::string text = "MATLAB 5.0 MAT-file";
    text.resize(124, ' ');
    return text + (big ? std::string("\x01\x00MI", 4) : std::string("\x00\x01IM", 4));
}
std::string deflated(const std::string& bytes) {
    std::string out(compressBound(bytes.size()), '\0');
    uLongf size = out.size();
    REQUIRE(compress(reinterpret_cast<Bytef*>(out.data()), &size,
                     reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()) == Z_OK);
    return out.substr(0, size);
}
std::string mat_file(const std::string& content) {
    const std::string path = scratch_folder() + "/a.mat";
    std::ofstream(path, std::ios::binary) << content;
    return path;
}

}  // namespace

TEST_CASE("events of MVSEC: rows of doubles, seconds since 1970, polarities -1 and 1") {
    const std::string path = scratch_folder() + "/a.hdf5";
    const double t0 = 1506117900;
    write_numbers(path, "/davis/left/events", Stored::float64,
                  {345, 7, t0, 1, 0, 259, t0 + 26e-6, -1, 12, 0, t0 + 1.000002, 1}, {3, 4});
    write_numbers(path, "/davis/right/events", Stored::float64, {1, 1, t0, 1}, {1, 4});
    const ReadEvents read = read_from(path);
    CHECK(read.events == three);
    CHECK(read.info.container == "mvsec");
    CHECK(read.info.columns == 346);
    CHECK(read.info.rows == 260);
    CHECK(read.info.passed_over.at(0).second == 1);
}

TEST_CASE("events of DSEC: a dataset a value, microseconds from t_offset on") {
    const std::string path = scratch_folder() + "/events.h5";
    write_numbers(path, "/events/x", Stored::uint16, {345, 0, 12});
    write_numbers(path, "/events/y", Stored::uint16, {7, 259, 0});
    write_numbers(path, "/events/t", Stored::uint64, {10, 36, 1000012});
    write_numbers(path, "/events/p", Stored::uint8, {1, 0, 1});
    std::vector<CameraEvent> later = three;
    for (CameraEvent& e : later) e.time_us += 10;
    CHECK(read_from(path).events == later);
    write_numbers(path, "/t_offset", Stored::int64, {5000}, {1});
    for (CameraEvent& e : later) e.time_us += 5000;
    CHECK(read_from(path).events == later);
    CHECK(read_from(path).info.container == "dsec");
}

TEST_CASE("events of Metavision and event_flow, whose files say how large the sensor is") {
    const std::string meta = scratch_folder() + "/a.h5", flow = scratch_folder() + "/a.h5";
    write_event_records(meta, "/CD/events", {345, 7, 1, 0, 0, 259, 0, 26, 12, 0, 1, 1000002});
    write_attribute(meta, "geometry", std::string("346x260"));
    CHECK(read_from(meta).events == three);
    CHECK(read_from(meta).info.columns == 346);
    CHECK(read_from(meta).info.rows == 260);

    write_numbers(flow, "/events/xs", Stored::uint16, {345, 0, 12});
    write_numbers(flow, "/events/ys", Stored::uint16, {7, 259, 0});
    write_numbers(flow, "/events/ts", Stored::float64, {100, 100.000026, 101.000002});
    write_numbers(flow, "/events/ps", Stored::uint8, {1, 0, 1});
    write_attribute(flow, "sensor_resolution", std::vector<double>{260, 346});
    CHECK(read_from(flow).events == three);
    CHECK(read_from(flow).info.columns == 346);
    CHECK(read_from(flow).info.container == "event_flow");
}

TEST_CASE("more events than are read at once come in order") {
    const std::string path = scratch_folder() + "/events.h5";
    constexpr std::size_t count = 300001;
    std::vector<double> x(count), t(count), p(count);
    for (std::size_t i = 0; i < count; ++i) {
        x[i] = static_cast<double>(i % 640);
        t[i] = static_cast<double>(3 * i);
        p[i] = static_cast<double>(i % 3 == 0);
    }
    write_numbers(path, "/events/x", Stored::uint16, x);
    write_numbers(path, "/events/y", Stored::uint16, x);
    write_numbers(path, "/events/t", Stored::uint64, t);
    write_numbers(path, "/events/p", Stored::uint8, p);
    const std::vector<CameraEvent> events = read_from(path).events;
    REQUIRE(events.size() == count);
    for (std::size_t i = 0; i < count; ++i)
        REQUIRE(events[i] == CameraEvent{static_cast<std::int64_t>(3 * i),
                                         static_cast<std::uint16_t>(i % 640),
                                         static_cast<std::uint16_t>(i % 640),
                                         static_cast<std::uint8_t>(i % 3 == 0)});
}

TEST_CASE("HDF5 files without events, with values that are none, and damaged ones are refused") {
    auto has = [](const std::string& text, const char* part) {
        CAPTURE(text);
        return text.find(part) != std::string::npos;
    };
    const std::string shd = scratch_folder() + "/a.h5", odd = scratch_folder() + "/a.h5",
                      bad = scratch_folder() + "/a.h5", cut = scratch_folder() + "/a.h5";
    write_lists(shd, "/spikes/times", Stored::float32, {{1}});
    CHECK(has(reason_against(shd), "spikes in the layout of SHD"));
    write_numbers(odd, "/davis/left/events", Stored::float64, {1, 2, 3}, {1, 3});
    CHECK(has(reason_against(odd), "/davis/left/events has another shape"));
    for (const auto& [row, words] :
         {std::pair<std::vector<double>, const char*>{{0.5, 1, 5, 1}, "event 0 has the column 0.5"},
          {{1, -1, 5, 1}, "event 0 has the row -1"},
          {{1, 70000, 5, 1}, "event 0 has the row 70000"},
          {{1, 1, 5, 2}, "event 0 has the polarity 2"},
          {{1, 1, NAN, 1}, "event 0 has the time nan"}}) {
        const std::string path = scratch_folder() + "/a.h5";
        write_numbers(path, "/davis/left/events", Stored::float64, row, {1, 4});
        CHECK(has(reason_against(path), words));
    }
    write_numbers(bad, "/events/x", Stored::uint16, {1, 2});
    write_numbers(bad, "/events/y", Stored::uint16, {1});
    write_numbers(bad, "/events/t", Stored::uint64, {1, 2});
    write_numbers(bad, "/events/p", Stored::uint8, {1, 1});
    CHECK(has(reason_against(bad), "/events/y and /events/t differ in length"));
    std::filesystem::copy_file(shd, cut);
    std::filesystem::resize_file(cut, 600);
    CHECK(has(reason_against(cut), "no HDF5 file, or it is truncated"));
}

TEST_CASE("MATLAB files: either order of bytes, compressed variables, and others among them") {
    std::vector<CameraEvent> wanted = {{5, 1, 2, 1}, {7, 239, 179, 0}};
    for (const bool big : {false, true}) {
        const std::string plain = mat_vector("oth", {1}, big) + mat_vector("ts", {5, 7}, big) +
                                  mat_vector("x", {1, 239}, big) + mat_vector("y", {2, 179}, big) +
                                  mat_vector("pol", {1, 0}, big);
        CHECK(read_from(mat_file(mat_header(big) + plain)).events == wanted);
        std::string packed;
        for (const auto& [name, values] :
             {std::pair<const char*, std::vector<std::uint32_t>>{"ts", {5, 7}},
              {"x", {1, 239}},
              {"y", {2, 179}},
              {"pol", {1, 0}}}) {
            const std::string data = deflated(mat_vector(name, values, big));
            packed +=
                mat_word(15, big) + mat_word(static_cast<std::uint32_t>(data.size()), big) + data;
        }
        const ReadEvents read = read_from(mat_file(mat_header(big) + packed));
        CHECK(read.events == wanted);
        CHECK(read.info.container == "mat");
    }
}

TEST_CASE("MATLAB files that lack a vector, or are cut, are refused") {
    const std::string three_of = mat_vector("ts", {5, 7}, false) + mat_vector("x", {1, 2}, false) +
                                 mat_vector("y", {2, 3}, false);
    CHECK(reason_against(mat_file(mat_header(false) + three_of)).find("no variable 'pol'") !=
          std::string::npos);
    const std::string whole = mat_header(false) + three_of + mat_vector("pol", {1, 0}, false);
    CHECK(read_from(mat_file(whole)).events.size() == 2);
    CHECK(reason_against(mat_file(mat_header(false) + three_of + mat_vector("pol", {1}, false)))
              .find("have 2, 2, 2 and 1 values") != std::string::npos);
    CHECK(reason_against(mat_file(mat_header(false) + three_of + mat_vector("pol", {1, 2}, false)))
              .find("'pol' 2") != std::string::npos);
    for (std::size_t size = 128; size < whole.size(); size += 3)
        CHECK(reason_against(mat_file(whole.substr(0, size))) != "");
    std::string lies = mat_vector("pol", {1, 0}, false);
    lies[8 + 16 + 8] = 3;  // the first dimension
    CHECK(reason_against(mat_file(mat_header(false) + three_of + lies))
              .find("'pol' should have 3 values by its dimensions, and holds 2") !=
          std::string::npos);
    const std::string endless = deflated(std::string((std::size_t{1} << 28) + 4096, '\0'));
    CHECK(reason_against(mat_file(mat_header(false) + mat_word(15, false) +
                                  mat_word(static_cast<std::uint32_t>(endless.size()), false) +
                                  endless))
              .find("a compressed variable has more than 268435456 bytes") != std::string::npos);
}
