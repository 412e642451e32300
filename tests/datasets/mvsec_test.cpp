// Sequences in the layout of MVSEC, made here: samples between frames, true flow that is followed
// from one measured flow to the next, masks and pictures.
#include <doctest/doctest.h>

#include <cmath>
#include <filesystem>

#include "datasets/load_format.hpp"
#include "flow/true_flow.hpp"
#include "support/hdf5_files.hpp"

using namespace synfire;
using namespace synfire::testing;
using json = nlohmann::json;

namespace {

constexpr std::size_t sensor_pixels = std::size_t{mvsec::rows} * mvsec::columns;

// Frames at 10, 10.03, ... s, ten events between two of them at column 100 + k, row 150 + k or
// 210 + k; everything moves by 3 pixels along the columns in each 0.05 s.
void write_sequence(const std::string& folder, const std::string& name, bool truth) {
    constexpr std::size_t frames = 6;
    std::vector<double> images(frames * sensor_pixels), times, last_events, events;
    for (std::size_t f = 0; f < frames; ++f) {
        times.push_back(10 + 0.03 * static_cast<double>(f));
        last_events.push_back(10.0 * static_cast<double>(f) - 1);
        for (std::size_t p = 0; p < sensor_pixels; ++p)
            images[f * sensor_pixels + p] = static_cast<double>((f * 40 + p) % 256);
        for (std::size_t k = 0; k < 10; ++k) {
            const auto at = static_cast<double>(k);
            events.insert(events.end(), {100 + at, (k % 2 ? 150 : 210) + at,
                                         times.back() + 0.001 + 0.002 * at, k % 3 ? 1.0 : -1.0});
        }
    }
    const std::string data = folder + "/" + name + "_data.hdf5";
    write_numbers(data, "/davis/left/image_raw", Stored::uint8, images,
                  {frames, mvsec::rows, mvsec::columns});
    write_numbers(data, "/davis/left/image_raw_ts", Stored::float64, times);
    write_numbers(data, "/davis/left/image_raw_event_inds", Stored::int64, last_events);
    write_numbers(data, "/davis/left/events", Stored::float64, events, {events.size() / 4, 4});
    if (!truth) return;
    constexpr std::size_t flows = 5;
    std::vector<double> flow(flows * 2 * sensor_pixels), flow_times;
    for (std::size_t g = 0; g < flows; ++g) {
        flow_times.push_back(9.99 + 0.05 * static_cast<double>(g));
        for (std::size_t p = 0; p < sensor_pixels; ++p) flow[g * 2 * sensor_pixels + p] = 3;
    }
    const std::string file = folder + "/" + name + "_gt.hdf5";
    write_numbers(file, "/davis/left/flow_dist", Stored::float64, flow,
                  {flows, 2, mvsec::rows, mvsec::columns});
    write_numbers(file, "/davis/left/flow_dist_ts", Stored::float64, flow_times);
}

InputData load_sequences(const std::string& folder, const json& fields) {
    return load_format(format_named("mvsec"), folder, fields, {{2, 256, 256}, 5, 5});
}

}  // namespace

TEST_CASE("samples of MVSEC are between frames, with the true flow of that time") {
    empty_cache();
    const std::string folder = scratch_folder();
    write_sequence(folder, "indoor_flying1", true);
    write_sequence(folder, "outdoor_day1", true);
    write_sequence(folder, "outdoor_day2", false);
    for (const std::uint32_t frames : {1u, 4u}) {
        CAPTURE(frames);
        const InputData data = load_sequences(
            folder, {{"test", {"indoor_flying1", "outdoor_day1"}}, {"frames", frames}});
        CHECK(data.train.size() == 6 - frames);
        REQUIRE(data.test.size() == 2 * (6 - frames));
        REQUIRE(data.notes.size() == 1);
        CHECK(data.notes[0].find("no outdoor_day2_gt.hdf5") != std::string::npos);
        for (std::size_t i = 0; i < data.test.size(); ++i) {
            CAPTURE(i);
            const bool outdoor = i >= data.test.size() / 2;
            const Target target = data.test.target(i);
            double counted = 0;
            for (std::uint32_t p = 0; p < target.shape.pixels(); ++p) {
                counted += target.mask[p];
                if (target.mask[p] == 0) continue;
                CHECK(target.values[2 * p] == doctest::Approx(1.8 * frames).epsilon(1e-4));
                CHECK(target.values[2 * p + 1] == doctest::Approx(0).epsilon(1e-4));
            }
            // Ten pixels have events; below the car's hood, which five of them are, none counts.
            CHECK(counted == (outdoor ? 5 : 10));
            const std::size_t first = i % (6 - frames);
            CHECK(target.frames[0] == doctest::Approx(((first * 40 + 2 * 346 + 45) % 256) / 255.0));
            CHECK(target.frames[1] ==
                  doctest::Approx((((first + frames) * 40 + 2 * 346 + 45) % 256) / 255.0));
            CHECK(data.test.recording(i).size() + 0u > 0);
        }
        CHECK(data.test.merged + data.test.keys().size() == 2 * (6 - frames) * 10 * frames);
        for (std::uint32_t p = 0; p < 256 * 256; ++p) CHECK(data.train.target(0).mask[p] == 0);
    }
}

TEST_CASE("a displacement is followed to where it leads, and is unknown where flows are") {
    // The left half moves right by 2, the right half down by 1; one pixel is not known.
    std::vector<float> flow(2 * sensor_pixels);
    for (std::size_t p = 0; p < sensor_pixels; ++p)
        if (p % mvsec::columns < 173)
            flow[p] = 2;
        else
            flow[sensor_pixels + p] = 1;
    flow[0] = 0;
    const std::vector<double> times = {0, 1, 2, 3};
    const auto at = [&](std::size_t) -> const std::vector<float>& { return flow; };
    const std::vector<float> moved = mvsec::true_flow(times, at, 0.5, 2.5);
    REQUIRE(moved.size() == 2 * sensor_pixels);
    CHECK(std::isnan(moved[0]));
    CHECK(moved[10] == doctest::Approx(4));  // 1 + 2 + 1
    // From column 171: 1 right, onto the right half's border a pixel later.
    CHECK(moved[171] == doctest::Approx(3));
    CHECK(moved[sensor_pixels + 171] == doctest::Approx(0.5));
    CHECK(moved[sensor_pixels + 300] == doctest::Approx(2));
    CHECK(mvsec::true_flow(times, at, -0.5, 1).empty());
    CHECK(mvsec::true_flow(times, at, 2, 3.5).empty());
}

TEST_CASE("sequences that are not there, or are not MVSEC's, are refused by name") {
    empty_cache();
    const std::string folder = scratch_folder();
    const json one = {{"train", {"a"}}, {"test", {"a"}}};
    CHECK_THROWS_WITH(load_sequences(folder, one), doctest::Contains("a_data.hdf5"));
    write_numbers(folder + "/a_data.hdf5", "/davis/left/image_raw", Stored::uint8,
                  std::vector<double>(24), {2, 3, 4});
    CHECK_THROWS_WITH(load_sequences(folder, one),
                      doctest::Contains("image_raw has another shape than that of MVSEC"));
    CHECK_THROWS_WITH(load_sequences("", one), doctest::Contains("say with --data DIR"));
}
