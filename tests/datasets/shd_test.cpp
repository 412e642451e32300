#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <limits>

#include "base/hdf5.hpp"
#include "base/problem.hpp"
#include "shd/shd.hpp"
#include "support/environment.hpp"

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

std::string refusal(const std::string& path) {
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
    CHECK(set.late == 1);
    CHECK(set.labels == std::vector<std::uint32_t>{3, 1});
    CHECK(read_shd(path, 10, 5, 10, 1).size() == 1);
}

TEST_CASE("bad files are refused with a sentence each") {
    CHECK(has(refusal("/no/such/file.h5"), "there is no such file"));
    CHECK(has(refusal(file_with({{0.0f}}, {{10}}, {0})),
              "event 0 of recording 0 is of unit 10; the input population has the units 0 to 9"));
    CHECK(has(refusal(file_with({{0.0f}, {0.1f, -0.5f}}, {{1}, {1, 2}}, {0, 0})),
              "event 1 of recording 1 has the time -0.5 s"));
    CHECK(has(refusal(file_with({{std::numeric_limits<float>::quiet_NaN()}}, {{1}}, {0})),
              "has the time nan s"));
    CHECK(has(refusal(file_with({{std::numeric_limits<float>::infinity()}}, {{1}}, {0})),
              "has the time inf s"));
    CHECK(has(refusal(file_with({{0.0f, 0.1f}}, {{1}}, {0})), "has 2 times and 1 units"));
    CHECK(has(refusal(file_with({{0.0f}}, {{1}}, {0, 1})), "differ in length"));

    const std::string folder = scratch_folder();
    Hdf5File missing = Hdf5File::create(folder + "/missing.h5");
    missing.write_ragged<float>("/spikes/times", {{0.5f}});
    missing.write<std::uint16_t>("/labels", std::vector<std::uint16_t>{0});
    missing.close();
    CHECK(has(refusal(folder + "/missing.h5"), "spikes/units is missing"));
    std::ofstream(folder + "/text.h5") << "no HDF5 at all";
    CHECK(has(refusal(folder + "/text.h5"), "no HDF5 file, or it is truncated"));
    const std::string whole =
        file_with(Times(200, {0.0f, 0.01f}), Units(200, {1, 2}), std::vector<std::uint16_t>(200));
    std::filesystem::resize_file(whole, std::filesystem::file_size(whole) / 2);
    CHECK(has(refusal(whole), "truncated"));
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
    CHECK(set.keys.size() > 300 * 3000);
    CHECK(set.keys.size() + set.merged + set.late == 300 * 4071 + 176);
}
