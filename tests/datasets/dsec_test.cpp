// Sequences in the layout of DSEC, made here: events are rectified, samples are the times of flows,
// and flows come from pictures of 16 bits.
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <png.h>

#include <cstdio>
#include <filesystem>
#include <fstream>

#include "datasets/load_format.hpp"
#include "pictures/png16.hpp"
#include "support/hdf5_files.hpp"

using namespace synfire;
using namespace synfire::testing;
using json = nlohmann::json;
namespace fs = std::filesystem;

namespace {

// of(pixel, channel): a value.
template <class Of>
void write_png16(const std::string& path, std::uint32_t columns, std::uint32_t rows, int depth,
                 Of of) {
    std::FILE* const file = std::fopen(path.c_str(), "wb");
    REQUIRE(file);
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, nullptr, nullptr);
    png_infop info = png_create_info_struct(png);
    png_init_io(png, file);
    png_set_IHDR(png, info, columns, rows, depth, PNG_COLOR_TYPE_RGB, PNG_INTERLACE_NONE,
                 PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    png_write_info(png, info);
    std::vector<unsigned char> line(std::size_t{columns} * 3 * static_cast<std::size_t>(depth) / 8);
    for (std::uint32_t r = 0; r < rows; ++r) {
        for (std::uint32_t k = 0; depth == 16 && k < 3 * columns; ++k) {
            const std::uint16_t value = of(r * columns + k / 3, k % 3);
            line[2 * k] = static_cast<unsigned char>(value >> 8);
            line[2 * k + 1] = static_cast<unsigned char>(value & 0xff);
        }
        png_write_row(png, line.data());
    }
    png_write_end(png, info);
    png_destroy_write_struct(&png, &info);
    std::fclose(file);
}

constexpr std::size_t dsec_pixels = std::size_t{480} * 640;

// Two flows of 100 ms: 2.5 pixels along columns and -1 along rows in the first, the other way in
// the second, unknown in the left half. An event each ms at column 300 and row 200, which
// rectification moves by 10 columns and 20 rows.
void write_dsec(const std::string& folder) {
    fs::create_directories(folder + "/events/left");
    fs::create_directories(folder + "/flow/forward");
    const double offset = 5e9;
    std::vector<double> x, y, t, p, first;
    for (int ms = 0; ms < 300; ++ms) {
        first.push_back(static_cast<double>(x.size()));
        x.push_back(300);
        y.push_back(200);
        t.push_back(1000.0 * ms + 1);
        p.push_back(ms % 2);
    }
    const std::string events = folder + "/events/left/events.h5";
    write_numbers(events, "/events/x", Stored::uint16, x);
    write_numbers(events, "/events/y", Stored::uint16, y);
    write_numbers(events, "/events/t", Stored::int64, t);
    write_numbers(events, "/events/p", Stored::uint8, p);
    write_numbers(events, "/ms_to_idx", Stored::uint64, first);
    write_numbers(events, "/t_offset", Stored::int64, {offset});
    std::vector<double> map;
    for (std::size_t pixel = 0; pixel < dsec_pixels; ++pixel) {
        map.push_back(static_cast<double>(pixel % 640) + 10);
        map.push_back(static_cast<double>(pixel / 640) + 20);
    }
    write_numbers(folder + "/events/left/rectify_map.h5", "/rectify_map", Stored::float32, map,
                  {480, 640, 2});
    std::ofstream(folder + "/flow/forward_timestamps.txt")
        << "# from_timestamp_us, to_timestamp_us\n5000050000, 5000150000\n5000150000, 5000250000\n";
    for (int k = 0; k < 2; ++k)
        write_png16(fmt::format("{}/flow/forward/{:06}.png", folder, 2 * k), 640, 480, 16,
                    [&](std::size_t pixel, std::uint32_t channel) {
                        const int sign = k ? -1 : 1;
                        const int values[] = {32768 + sign * 320, 32768 - sign * 128,
                                              pixel % 640 < 320 ? 0 : 1};
                        return static_cast<std::uint16_t>(values[channel]);
                    });
}

InputData load_dsec_from(const std::string& folder) {
    return load_format(format_named("dsec"), folder,
                       {{"train", {"a"}}, {"test", {"a"}}, {"binning", "time"}},
                       {{2, 128, 160}, 10, 10});
}

}  // namespace

TEST_CASE("samples of DSEC are the times of its flows, with rectified events") {
    empty_cache();
    const std::string folder = scratch_folder();
    write_dsec(folder + "/a");
    const EventSet set = load_dsec_from(folder).test;
    REQUIRE(set.size() == 2);
    // Column 310 and row 220 of the sensor, whose middle 160 x 128 begins at 240 and 176.
    const std::uint32_t pixel = (220 - 176) * 160 + 310 - 240;
    std::vector<std::uint32_t> expected;
    for (std::uint32_t tick = 0; tick < 10; ++tick)
        for (std::uint32_t on = 0; on < 2; ++on)
            expected.push_back(tick * 128 * 160 * 2 + pixel * 2 + on);
    const auto keys = set.recording(0);
    CHECK(std::vector<std::uint32_t>(keys.begin(), keys.end()) == expected);
    CHECK(set.merged == 2 * (100 - 20));
    for (std::size_t i = 0; i < 2; ++i) {
        const Target target = set.target(i);
        CHECK(target.frames == nullptr);
        for (std::uint32_t p = 0; p < target.shape.pixels(); ++p) {
            const bool known = p % 160 + 240 >= 320;
            CHECK(target.mask[p] == (known ? 1.0f : 0.0f));
            CHECK(target.values[2 * p] == (known ? (i ? -2.5f : 2.5f) : 0.0f));
            CHECK(target.values[2 * p + 1] == (known ? (i ? 1.0f : -1.0f) : 0.0f));
        }
    }
}

TEST_CASE("folders that are not DSEC's, and pictures that hold no flow, are refused by name") {
    empty_cache();
    const std::string folder = scratch_folder();
    CHECK_THROWS_WITH(load_dsec_from(folder), doctest::Contains("events.h5"));
    write_dsec(folder + "/a");
    const std::string picture = folder + "/a/flow/forward/000002.png";
    write_png16(picture, 640, 480, 8, [](std::size_t, std::uint32_t) { return std::uint16_t{0}; });
    CHECK_THROWS_WITH(load_dsec_from(folder), doctest::Contains("it has not 16 bits a channel"));
    write_png16(picture, 64, 48, 16, [](std::size_t, std::uint32_t) { return std::uint16_t{0}; });
    CHECK_THROWS_WITH(load_dsec_from(folder), doctest::Contains("a flow of 640 columns"));
    std::ofstream(picture) << "no picture";
    CHECK_THROWS_WITH(load_dsec_from(folder), doctest::Contains("000002.png: the picture cannot"));
    fs::remove(picture);
    CHECK_THROWS_WITH(load_dsec_from(folder), doctest::Contains("1 flows are there"));
    std::ofstream(folder + "/a/flow/forward_timestamps.txt") << "1, 2\n7 8\n";
    CHECK_THROWS_AS(load_dsec_from(folder), InputError);
}
