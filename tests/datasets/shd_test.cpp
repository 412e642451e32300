#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <limits>

#include "base/hdf5.hpp"
#include "base/problem.hpp"
#include "shd/shd.hpp"
#include "support/environment.hpp"
#include "support/hdf5_files.hpp"

using namespace synfire;
using namespace synfire::testing;

namespace {

using Times = std::vector<std::vector<float>>;
using Units = std::vector<std::vector<std::uint16_t>>;

std::string file_with(const Times& times, const Units& units, std::vector<std::uint16_t> labels) {
    const std::string path = scratch_folder() + "/train.h5";
    Hdf5File file = Hdf5File::create(path);
    file.write_ragged<float>("/spikes/times", times);
    file.write_ragged<std::uint16_t>("/spikes/units", units);
    file.write<std::uint16_t>("/labels", labels);
    file.close();
    return path;
}

std::string shd_refusal(const std::string& path) {
    try {
        read_shd(path, 10, 5, 10, UINT64_MAX);
        return "";
    } catch (const InputError& error) {
        CHECK(std::string(error.what()).find(path) != std::string::npos);
        return error.what();
    }
}

bool has(const std::string& text, const char* part) {
    const bool found = text.find(part) != std::string::npos;
    if (!found) MESSAGE(text);
    return found;
}

}  // namespace

TEST_CASE("events are binned to ticks, sorted, merged, and cut at the end") {
    const std::string path =
        file_with({{0.041f, 0.0f, 0.003f, 0.012f, 0.07f}, {}}, {{9, 4, 4, 0, 1}, {}}, {3, 1});
    const EventSet set = read_shd(path, 10, 5, 10, UINT64_MAX);
    REQUIRE(set.size() == 2);
    CHECK(std::vector<std::uint32_t>(set.recording(0).begin(), set.recording(0).end()) ==
          std::vector<std::uint32_t>{4, 10, 49});
    CHECK(set.recording(1).empty());
    CHECK(set.merged == 1);
    CHECK(set.left_out.late == 1);
    CHECK(set.labels == std::vector<std::uint32_t>{3, 1});
    CHECK(read_shd(path, 10, 5, 10, 1).size() == 1);
}

TEST_CASE("bad files are refused with a sentence each") {
    CHECK(has(shd_refusal("/no/such/file.h5"), "there is no such file"));
    CHECK(has(shd_refusal(file_with({{0.0f}}, {{10}}, {0})),
              "event 0 of recording 0 is of unit 10; the input population has the units 0 to 9"));
    CHECK(has(shd_refusal(file_with({{0.0f}, {0.1f, -0.5f}}, {{1}, {1, 2}}, {0, 0})),
              "event 1 of recording 1 has the time -0.5 s"));
    CHECK(has(shd_refusal(file_with({{std::numeric_limits<float>::quiet_NaN()}}, {{1}}, {0})),
              "has the time nan s"));
    CHECK(has(shd_refusal(file_with({{std::numeric_limits<float>::infinity()}}, {{1}}, {0})),
              "has the time inf s"));
    CHECK(has(shd_refusal(file_with({{0.0f, 0.1f}}, {{1}}, {0})), "has 2 times and 1 units"));
    CHECK(has(shd_refusal(file_with({{0.0f}}, {{1}}, {0, 1})), "differ in length"));

    const std::string folder = scratch_folder();
    Hdf5File missing = Hdf5File::create(folder + "/missing.h5");
    missing.write_ragged<float>("/spikes/times", {{0.5f}});
    missing.write<std::uint16_t>("/labels", std::vector<std::uint16_t>{0});
    missing.close();
    CHECK(has(shd_refusal(folder + "/missing.h5"), "spikes/units is missing"));
    std::ofstream(folder + "/text.h5") << "no HDF5 at all";
    CHECK(has(shd_refusal(folder + "/text.h5"), "no HDF5 file, or it is truncated"));
    const std::string whole =
        file_with(Times(200, {0.0f, 0.01f}), Units(200, {1, 2}), std::vector<std::uint16_t>(200));
    std::filesystem::resize_file(whole, std::filesystem::file_size(whole) / 2);
    CHECK(has(shd_refusal(whole), "truncated"));
}

TEST_CASE("an event at the border of two ticks belongs to the later one, however it is stored") {
    for (const double dt : {0.1, 0.25, 1.0, 2.0, 0.3, 10.0})
        for (const Stored type : {Stored::float32, Stored::float64}) {
            CAPTURE(dt);
            CAPTURE(static_cast<int>(type));
            constexpr std::uint32_t ticks = 5000;
            std::vector<double> border, inside;
            for (std::uint32_t k = 0; k < ticks; ++k) {
                border.push_back(k * dt / 1000);
                inside.push_back((k + 0.98) * dt / 1000);
            }
            const std::string path = scratch_folder() + "/train.h5";
            write_lists(path, "/spikes/times", type, {border, inside});
            const std::vector<double> first(ticks, 0);
            write_lists(path, "/spikes/units", Stored::uint16, {first, first});
            write_numbers(path, "/labels", Stored::uint8, {0, 0});
            const EventSet set = read_shd(path, 1, ticks, dt, UINT64_MAX);
            CHECK(set.left_out.late == 0);
            CHECK(set.merged == 0);
            // With one unit, keys are ticks.
            for (std::uint32_t k = 0; k < ticks; ++k) {
                REQUIRE(set.recording(0)[k] == k);
                REQUIRE(set.recording(1)[k] == k);
            }
        }
}

TEST_CASE("times of half precision at a border belong to the later tick while ticks are resolved") {
    // Half precision has steps of 0.5 ms between half a second and a second.
    std::vector<double> border, units;
    for (std::uint32_t k = 0; k < 100; ++k) border.push_back(k * 0.01);
    const std::string path = scratch_folder() + "/train.h5";
    write_lists(path, "/spikes/times", Stored::float16, {border});
    write_lists(path, "/spikes/units", Stored::int64, {std::vector<double>(100, 0)});
    write_numbers(path, "/labels", Stored::int64, {0});
    const EventSet set = read_shd(path, 1, 100, 10, UINT64_MAX);
    CHECK(set.merged == 0);
    CHECK(set.left_out.late == 0);
    CHECK(set.keys().size() == 100);
}

TEST_CASE("labels and units of any type are read, and refused where they are no such numbers") {
    const std::string folder = scratch_folder();
    int number = 0;
    auto made = [&](Stored labels, std::vector<double> of, Stored units, double unit,
                    std::vector<std::uint64_t> shape = {}) {
        const std::string path = folder + "/" + std::to_string(number++) + ".h5";
        write_lists(path, "/spikes/times", Stored::uint8, {{0}, {0, 0}});
        write_lists(path, "/spikes/units", units, {{1}, {2, unit}});
        write_numbers(path, "/labels", labels, of, std::move(shape));
        return path;
    };
    auto labels = [&](const std::string& path) {
        return read_shd(path, 10, 5, 10, UINT64_MAX).labels;
    };
    const std::vector<std::uint32_t> wanted{3, 1};
    CHECK(labels(made(Stored::int8, {3, 1}, Stored::int8, 4)) == wanted);
    CHECK(labels(made(Stored::float32, {3, 1}, Stored::float64, 4)) == wanted);
    CHECK(labels(made(Stored::uint64, {3, 1}, Stored::float16, 4, {2, 1})) == wanted);
    for (const Stored type : {Stored::int8, Stored::int64, Stored::float64})
        CHECK(has(shd_refusal(made(type, {0, -1}, Stored::uint8, 4)),
                  "recording 1 has the label -1; labels are whole numbers from 0 to 4294967295"));
    const double nan = std::numeric_limits<double>::quiet_NaN();
    CHECK(has(shd_refusal(made(Stored::float32, {1.5, 0}, Stored::uint8, 4)),
              "recording 0 has the label 1.5;"));
    CHECK(has(shd_refusal(made(Stored::float64, {0, nan}, Stored::uint8, 4)),
              "recording 1 has the label nan;"));
    CHECK(has(shd_refusal(made(Stored::int64, {4294967296, 0}, Stored::uint8, 4)),
              "recording 0 has the label 4294967296;"));
    CHECK(has(shd_refusal(made(Stored::uint8, {0, 1, 2, 3}, Stored::uint8, 4, {2, 2})),
              "labels has the shape [2, 2]; one number a recording is expected"));
    CHECK(has(shd_refusal(made(Stored::uint8, {0, 1}, Stored::float32, 4.5)),
              "event 1 of recording 1 is of unit 4.5; the input population has the units 0 to 9"));
    CHECK(has(shd_refusal(made(Stored::uint8, {0, 1}, Stored::int8, -1)), "is of unit -1;"));
    CHECK(has(shd_refusal(made(Stored::uint8, {0, 1}, Stored::float64, nan)), "is of unit nan;"));
    const std::string words = folder + "/words.h5";
    write_lists(words, "/spikes/times", Stored::float32, {{0}});
    write_lists(words, "/spikes/units", Stored::uint8, {{0}});
    write_words(words, "/labels", {"seven"});
    CHECK(has(shd_refusal(words), "/labels holds text; numbers are expected"));
}

TEST_CASE("recordings without events and files without recordings are read as such") {
    const std::string path = scratch_folder() + "/train.h5";
    write_lists(path, "/spikes/times", Stored::float32, {{}, {}});
    write_lists(path, "/spikes/units", Stored::uint16, {{}, {}});
    write_numbers(path, "/labels", Stored::int64, {0, 1});
    const EventSet silent = read_shd(path, 10, 5, 10, UINT64_MAX);
    CHECK(silent.size() == 2);
    CHECK(silent.keys().empty());
    const std::string none = scratch_folder() + "/train.h5";
    write_lists(none, "/spikes/times", Stored::float32, {});
    write_lists(none, "/spikes/units", Stored::uint16, {});
    write_numbers(none, "/labels", Stored::int64, {}, {0});
    CHECK(read_shd(none, 10, 5, 10, UINT64_MAX).size() == 0);
}

TEST_CASE("the spoken digits are read whole") {
    const std::string folder = data_folder() + "/fsdd-spikes";
    if (!std::filesystem::exists(folder + "/test.h5")) {
        MESSAGE("skipped: no fsdd-spikes; set SYNFIRE_DATA to the folder that holds it");
        return;
    }
    const EventSet set = read_shd(folder + "/test.h5", 700, 100, 10, UINT64_MAX);
    CHECK(set.size() == 300);
    std::vector<int> of_label(10);
    for (const std::uint32_t label : set.labels) ++of_label.at(label);
    for (const int count : of_label) CHECK(count == 30);
    CHECK(set.keys().size() > 300 * 3000);
    CHECK(set.keys().size() + set.merged + set.left_out.late == 300 * 4071 + 176);
}
