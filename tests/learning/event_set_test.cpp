#include <doctest/doctest.h>

#include <algorithm>

#include "learning/augmentation.hpp"
#include "learning/event_set.hpp"
#include "support/experiments.hpp"

using namespace synfire;

namespace {

using Keys = std::vector<std::uint32_t>;

}  // namespace

TEST_CASE("recordings are sorted, repetitions merged and counted") {
    EventSet set;
    set.units = 10;
    set.ticks = 5;
    Keys a{31, 2, 31, 40}, b{};
    set.add(a, 7);
    set.add(b, 8);
    CHECK(set.size() == 2);
    CHECK(set.merged == 1);
    CHECK(set.recording(0).size() == 3);
    CHECK(set.recording(1).empty());
    SampleEvents sample;
    sample.assign(set.recording(0), set.units, set.ticks);
    REQUIRE(sample.ticks() == 5);
    CHECK(sample.at(0)[0] == 2);
    CHECK(sample.at(1).empty());
    CHECK(sample.at(3)[0] == 1);
    CHECK(sample.at(4)[0] == 0);
    sample.assign(set.recording(1), set.units, set.ticks);
    CHECK(sample.ticks() == 5);
    CHECK(sample.at(4).empty());
    set.limit(1);
    CHECK(set.size() == 1);
    CHECK(set.keys().size() == 3);
}

TEST_CASE("augmentation depends on seed, epoch and recording only, and keeps keys in order") {
    const EventSet set = synfire::testing::random_recordings(2, 20, 30, 1);
    Augmentation a;
    a.drop_probability = 0.3f;
    a.shift_ticks = 2;
    a.jitter_units = 1;
    Keys one, two;
    a.apply(set.recording(0), 20, 30, {}, 5, 1, 0, one);
    a.apply(set.recording(0), 20, 30, {}, 5, 1, 0, two);
    CHECK(one == two);
    CHECK(std::ranges::is_sorted(one));
    CHECK(std::ranges::adjacent_find(one) == one.end());
    CHECK(one.size() < 0.9 * set.recording(0).size());
    CHECK(one.size() > 0.5 * set.recording(0).size());
    a.apply(set.recording(0), 20, 30, {}, 5, 2, 0, two);
    CHECK(one != two);
    CHECK(one.back() < 20 * 30);
}

TEST_CASE("a shift moves every event alike and drops what leaves the sensor") {
    // One event in the middle of channel 1 of a 2 x 4 x 5 sensor, at tick 3.
    const MapShape shape{2, 4, 5};
    const std::uint32_t middle = 3 * 40 + shape.neuron(1, 2, 2);
    Augmentation a;
    a.shift_rows = 1;
    a.shift_columns = 2;
    bool moved = false, stayed_in_channel = true;
    for (std::uint32_t epoch = 0; epoch < 50; ++epoch) {
        Keys out;
        a.apply(Keys{middle}, 40, 10, shape, 1, epoch, 0, out);
        REQUIRE(out.size() == 1);
        const std::uint32_t unit = out[0] % 40;
        moved = moved || out[0] != middle;
        stayed_in_channel = stayed_in_channel && unit % 2 == 1;
        CHECK(out[0] / 40 == 3);
    }
    CHECK(moved);
    CHECK(stayed_in_channel);
    // At the right edge, a shift to the right leaves the sensor and does not wrap to the next row.
    for (std::uint32_t epoch = 0; epoch < 50; ++epoch) {
        Keys out;
        a.apply(Keys{shape.neuron(1, 1, 4)}, 40, 10, shape, 1, epoch, 0, out);
        if (!out.empty()) CHECK(out[0] / 2 % 5 >= 2);
    }
}

TEST_CASE("the fingerprint of recordings is of every event, label and border between them") {
    auto made = [](std::vector<Keys> recordings, std::vector<std::uint32_t> labels,
                   std::uint32_t ticks = 5) {
        EventSet set;
        set.units = 10;
        set.ticks = ticks;
        for (std::size_t i = 0; i < labels.size(); ++i) set.add(recordings[i], labels[i]);
        return set.fingerprint();
    };
    const std::uint64_t one = made({{1, 2, 30}, {4}}, {0, 1});
    CHECK(one == made({{30, 2, 1, 2}, {4}}, {0, 1}));
    CHECK(one != made({{1, 2, 31}, {4}}, {0, 1}));
    CHECK(one != made({{1, 2, 30}, {4}}, {1, 0}));
    CHECK(one != made({{4}, {1, 2, 30}}, {1, 0}));
    CHECK(one != made({{1, 2}, {30, 4}}, {0, 1}));
    CHECK(one != made({{1, 2, 30}, {4}, {}}, {0, 1, 0}));
    CHECK(one != made({{1, 2, 30}, {4}}, {0, 1}, 6));
}
