// Made scenes for optical flow: the true flow is the displacement of what is seen, recordings are
// the same for equal settings, and augmentation turns events and flow alike.
#include <doctest/doctest.h>

#include <cmath>
#include <filesystem>
#include <fstream>

#include "cache_folder.hpp"
#include "datasets/load_format.hpp"
#include "event_file.hpp"
#include "learning/augmentation.hpp"
#include "scenes/scene.hpp"

using namespace synfire;
using namespace synfire::testing;
using json = nlohmann::json;

namespace {

InputData made(const json& fields, std::uint32_t rows = 24, std::uint32_t columns = 32) {
    return load_format(format_named("moving_scenes"), "", fields, {{2, rows, columns}, 10, 5});
}

}  // namespace

TEST_CASE(
    "what a scene shows at its end is what it showed at its beginning, displaced by the true "
    "flow") {
    Random random(4, Stream::scene, 0, 0);
    std::vector<scenes::Texture> textures;
    for (int t = 0; t < 3; ++t) textures.emplace_back(random);
    for (int k = 0; k < 10; ++k) {
        CAPTURE(k);
        const scenes::Scene scene({40, 48, 3, 5.0f}, textures, random);
        std::vector<float> before, after, flow, seen;
        scene.paint(0, before);
        scene.paint(1, after);
        scene.true_flow(flow, seen);
        double unlike = 0, still = 0, count = 0;
        for (std::uint32_t p = 0; p < before.size(); ++p) {
            const float x = static_cast<float>(p % 48) + flow[2 * p],
                        y = static_cast<float>(p / 48) + flow[2 * p + 1];
            const auto left = static_cast<std::uint32_t>(x), top = static_cast<std::uint32_t>(y);
            if (seen[p] == 0 || left + 1 >= 48 || top + 1 >= 40) continue;
            const float right = x - static_cast<float>(left), down = y - static_cast<float>(top);
            auto at = [&](std::uint32_t r, std::uint32_t c) { return after[r * 48 + c]; };
            const float there =
                (at(top, left) * (1 - right) + at(top, left + 1) * right) * (1 - down) +
                (at(top + 1, left) * (1 - right) + at(top + 1, left + 1) * right) * down;
            unlike += std::fabs(there - before[p]);
            still += std::fabs(after[p] - before[p]);
            ++count;
        }
        CHECK(count > 400);
        CHECK(unlike / count < 0.03);
        CHECK(unlike < 0.5 * still);
    }
}

TEST_CASE(
    "made scenes have flows, masks and pictures, the same from the cache and for equal seeds") {
    empty_cache();
    const json fields = {{"train", 70}, {"test", 3}};
    const InputData first = made(fields), again = made(fields);
    CHECK(first.train.size() == 70);
    CHECK(first.train.fingerprint() == again.train.fingerprint());
    CHECK(first.train.fingerprint() != first.test.fingerprint());
    empty_cache();
    CHECK(made(fields).train.fingerprint() == first.train.fingerprint());
    json seeded = fields;
    seeded["seed"] = 2;
    CHECK(made(seeded).train.fingerprint() != first.train.fingerprint());
    double counted = 0, longest = 0;
    for (std::size_t i = 0; i < first.train.size(); ++i) {
        const Target target = first.train.target(i);
        CHECK(first.train.recording(i).size() > 50);
        for (std::uint32_t p = 0; p < target.shape.pixels(); ++p) {
            counted += target.mask[p];
            CHECK(target.frames[2 * p] >= 0);
            CHECK(target.frames[2 * p + 1] <= 1);
            longest = std::max(longest,
                               double{std::hypot(target.values[2 * p], target.values[2 * p + 1])});
        }
    }
    CHECK(counted > 0.1 * 70 * 24 * 32);
    CHECK(longest > 2);
    CHECK(longest < 20);
    // Where every pixel may count, more do.
    json all = fields;
    all["mask"] = "all";
    double more = 0;
    const InputData judged = made(all);
    for (std::size_t i = 0; i < judged.train.size(); ++i)
        for (std::uint32_t p = 0; p < 24 * 32; ++p) more += judged.train.target(i).mask[p];
    CHECK(more > counted);
}

TEST_CASE("a damaged target in the cache is known as such") {
    empty_cache();
    made({{"train", 3}, {"test", 1}}, 16, 16);
    for (const auto& entry : std::filesystem::directory_iterator(cache_folder())) {
        if (entry.path().extension() != ".events") continue;
        const std::string path = entry.path().string();
        json extra;
        REQUIRE(open_event_file(path, extra).has_value());
        const auto size = static_cast<std::streamoff>(std::filesystem::file_size(path));
        for (std::streamoff at = 3; at < size; at += 97) {
            std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
            file.seekg(at);
            const char byte = static_cast<char>(file.get());
            for (const char changed : {static_cast<char>(byte ^ 0x15), byte}) {
                file.seekp(at);
                file.put(changed);
                file.flush();
                CAPTURE(at);
                CHECK(open_event_file(path, extra).has_value() == (changed == byte));
            }
        }
    }
}

TEST_CASE("sensors and folders that moving scenes cannot have are refused") {
    empty_cache();
    CHECK_THROWS_WITH(made(json::object(), 8, 8), doctest::Contains("16 rows and columns or more"));
}

TEST_CASE("mirrored twice, a recording and its target are what they were") {
    empty_cache();
    const EventSet set = made({{"train", 2}, {"test", 1}}).train;
    Augmentation mirror;
    mirror.flip_columns = mirror.flip_rows = 1;
    const MapShape shape{2, 24, 32};
    const std::vector<std::uint32_t> keys(set.recording(0).begin(), set.recording(0).end());
    const std::vector<float> target(set.floats(0).begin(), set.floats(0).end());
    std::vector<std::uint32_t> once, twice;
    mirror.apply(keys, set.units, set.ticks, shape, 1, 0, 0, once);
    mirror.apply(once, set.units, set.ticks, shape, 1, 0, 0, twice);
    CHECK(once != keys);
    CHECK(twice == keys);
    std::vector<float> turned, back;
    mirror.apply(set.target_kind, target, 1, 0, 0, turned);
    mirror.apply(set.target_kind, turned, 1, 0, 0, back);
    CHECK(back == target);
    const Target before(set.target_kind, target.data()), after(set.target_kind, turned.data());
    const std::uint32_t last = shape.pixels() - 1;  // the first pixel lies there now
    CHECK(after.values[2 * last] == -before.values[0]);
    CHECK(after.values[2 * last + 1] == -before.values[1]);
    CHECK(after.mask[last] == before.mask[0]);
    CHECK(after.frames[2 * last] == before.frames[0]);
}

TEST_CASE("events and flow turn together, and what leaves the sensor does not count") {
    Augmentation turn;
    turn.rotate_degrees = 90;
    const MapShape shape{2, 9, 9};
    const TargetKind kind{shape, true};
    // One event, and a flow along the columns, at a place right of the middle.
    const std::uint32_t row = 4, column = 7, pixel = row * 9 + column;
    std::vector<float> target(kind.floats(), 0.0f);
    target[2 * pixel] = 1;
    for (std::uint32_t p = 0; p < shape.pixels(); ++p) target[shape.size() + p] = 1;
    const std::vector<std::uint32_t> keys = {shape.neuron(1, row, column)};
    int turned_far = 0;
    for (std::uint32_t recording = 0; recording < 40; ++recording) {
        CAPTURE(recording);
        std::vector<std::uint32_t> moved;
        turn.apply(keys, 162, 1, shape, 1, 0, recording, moved);
        std::vector<float> changed;
        turn.apply(kind, target, 1, 0, recording, changed);
        REQUIRE(moved.size() == 1);
        const std::uint32_t there = moved[0] / 2;
        // From the middle, the event lies in the direction in which the flow there points.
        const double x = double(there % 9) - 4, y = double(there / 9) - 4;
        float u = 0, v = 0;
        for (std::uint32_t p = 0; p < shape.pixels(); ++p)
            if (std::hypot(changed[2 * p], changed[2 * p + 1]) > 0.5f) {
                u = changed[2 * p];
                v = changed[2 * p + 1];
            }
        if (u == 0 && v == 0) continue;  // no pixel's nearest is that one
        CHECK(std::hypot(u, v) == doctest::Approx(1).epsilon(1e-4));
        CHECK((u * x + v * y) / std::hypot(x, y) > 0.95);
        turned_far += std::fabs(v) > 0.5f;
    }
    CHECK(turned_far > 5);
    Augmentation shift;
    shift.shift_columns = 8;
    std::vector<float> changed;
    bool left = false;
    for (std::uint32_t recording = 0; recording < 10; ++recording) {
        shift.apply(kind, target, 1, 0, recording, changed);
        for (std::uint32_t p = 0; p < shape.pixels(); ++p)
            left = left || changed[shape.size() + p] == 0;
    }
    CHECK(left);
}
