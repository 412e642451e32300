#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "base/hdf5_reader.hpp"
#include "gestures/gestures.hpp"
#include "gestures/motion.hpp"
#include "shd/shd.hpp"
#include "support/environment.hpp"

using namespace synfire;
using namespace synfire::testing;

namespace {

constexpr std::uint32_t units = 2 * 32 * 32, ticks = 30, classes = 11;

GestureSettings small(std::uint64_t seed) {
    GestureSettings s;
    s.train = 1100;
    s.test = 330;
    s.seed = seed;
    return s;
}

struct Generated {
    EventSet train, test;
    explicit Generated(std::uint64_t seed) {
        const std::string folder = scratch_folder() + "/gestures";
        generate_gestures(small(seed), folder);
        train = read_shd(folder + "/train.h5", units, ticks, 20, UINT64_MAX);
        test = read_shd(folder + "/test.h5", units, ticks, 20, UINT64_MAX);
    }
};

const Generated& generated() {
    static const Generated data(1);
    return data;
}

// Accuracy of the nearest class mean on features that forget time.
template <class Features>
double nearest_mean_accuracy(Features features) {
    const Generated& data = generated();
    std::vector<std::vector<double>> means(classes);
    for (std::size_t i = 0; i < data.train.size(); ++i) {
        const std::vector<double> f = features(data.train, i);
        auto& mean = means[data.train.labels[i]];
        mean.resize(f.size());
        for (std::size_t k = 0; k < f.size(); ++k) mean[k] += f[k] / 100;
    }
    int correct = 0;
    for (std::size_t i = 0; i < data.test.size(); ++i) {
        const std::vector<double> f = features(data.test, i);
        std::size_t best = 0;
        double nearest = 1e300;
        for (std::size_t c = 0; c < classes; ++c) {
            double distance = 0;
            for (std::size_t k = 0; k < f.size(); ++k) distance += std::pow(f[k] - means[c][k], 2);
            if (distance < nearest) {
                nearest = distance;
                best = c;
            }
        }
        correct += best == data.test.labels[i];
    }
    return correct / static_cast<double>(data.test.size());
}

}  // namespace

TEST_CASE("equal seeds give equal recordings, others differ") {
    const Generated again(1), other(2);
    CHECK(generated().train.fingerprint() == again.train.fingerprint());
    CHECK(generated().test.fingerprint() == again.test.fingerprint());
    CHECK(generated().train.fingerprint() != other.train.fingerprint());
    CHECK(generated().train.fingerprint() != generated().test.fingerprint());
}

TEST_CASE("every class has as many recordings, and as many events, up to chance") {
    const EventSet& set = generated().train;
    CHECK(gestures::motion_names.size() == classes);
    std::vector<double> recordings(classes), events(classes);
    for (std::size_t i = 0; i < set.size(); ++i) {
        ++recordings[set.labels[i]];
        events[set.labels[i]] += static_cast<double>(set.recording(i).size());
    }
    const double mean = static_cast<double>(set.keys().size()) / static_cast<double>(set.size());
    for (std::size_t c = 0; c < classes; ++c) {
        CAPTURE(gestures::motion_names[c]);
        CHECK(recordings[c] == 100);
        CHECK(events[c] / 100 == doctest::Approx(mean).epsilon(0.08));
    }
}

TEST_CASE("how many events there are, of which polarity and where, does not tell the class") {
    // Chance is 0.09.
    CHECK(nearest_mean_accuracy([](const EventSet& set, std::size_t i) {
              std::vector<double> count(2);
              for (const std::uint32_t key : set.recording(i)) ++count[key % 2];
              return count;
          }) < 0.25);
    CHECK(nearest_mean_accuracy([](const EventSet& set, std::size_t i) {
              std::vector<double> place(units);
              for (const std::uint32_t key : set.recording(i)) ++place[key % units];
              return place;
          }) < 0.25);
}

TEST_CASE("motions go where their names say") {
    using gestures::Motion;
    auto moved = [](std::uint32_t kind) {
        Random random(3, Stream::scene, 0, kind);
        const Motion motion(kind, 32, 32, 0.6f, random);
        const auto a = motion.at(0), b = motion.at(0.1f);
        return std::array<float, 3>{b.x - a.x, b.y - a.y, b.scale - a.scale};
    };
    CHECK(moved(0)[0] < -2);  // left
    CHECK(moved(1)[0] > 2);   // right
    CHECK(moved(2)[1] < -2);  // up: rows count downwards
    CHECK(moved(3)[1] > 2);   // down
    CHECK(moved(6)[2] > 0);   // approach
    CHECK(moved(7)[2] < 0);   // recede
    // A turn to the right goes clockwise on a screen whose rows count downwards.
    for (const std::uint32_t kind : {4u, 5u}) {
        Random random(3, Stream::scene, 0, kind);
        const Motion motion(kind, 32, 32, 0.6f, random);
        const auto a = motion.at(0), b = motion.at(0.02f), c = motion.at(0.04f);
        const float cross = (b.x - a.x) * (c.y - b.y) - (b.y - a.y) * (c.x - b.x);
        CHECK((cross > 0) == (kind == 5));
    }
}

TEST_CASE("some of the motions are made as their recordings among all are, with labels from 0 on") {
    GestureSettings some = small(1);
    some.train = 4;
    some.test = 2;
    some.motions = {9, 2};
    const std::string folder = scratch_folder() + "/some";
    generate_gestures(some, folder);
    auto read = [&](const std::string& from) {
        return read_shd(from + "/train.h5", units, ticks, 20, UINT64_MAX);
    };
    const EventSet set = read(folder);
    CHECK(set.labels == std::vector<std::uint32_t>{0, 1, 0, 1});
    CHECK(Hdf5Reader(folder + "/train.h5").text("/extra/keys") == "wave,up");
    // Recording 2 is of an upward motion where all are made, and of a wave here; with the same
    // random numbers and the same motion it would be the same.
    some.motions = {0, 1, 2, 9};
    generate_gestures(some, folder + " in another order");
    const EventSet other = read(folder + " in another order");
    const auto third = other.recording(2), of_all = generated().train.recording(2);
    CHECK(std::ranges::equal(third, of_all));
    CHECK_FALSE(std::ranges::equal(set.recording(2), of_all));
}

TEST_CASE("all motions are what they were before some could be chosen") {
    GestureSettings all = small(1);
    all.train = all.test = 22;
    const std::string folder = scratch_folder() + "/all";
    generate_gestures(all, folder);
    const EventSet set = read_shd(folder + "/train.h5", units, ticks, 20, UINT64_MAX);
    CHECK(set.fingerprint() == 0x9e66ea843a46037f);
}

TEST_CASE("a folder that cannot be made is refused and leaves nothing") {
    CHECK_THROWS_AS(generate_gestures(small(1), "/proc/none/gestures"), InputError);
}

namespace {

// The input of a small network from the cache at $XDG_CACHE_HOME.
InputData cached(std::uint64_t seed) {
    InputRequest request;
    request.json = nlohmann::json{
        {"train", 22}, {"test", 11}, {"seed", seed}, {"duration_ms", 50}, {"noise_hz", 1}};
    request.shape = MapShape{2, 8, 8};
    request.units = 128;
    request.ticks = 10;
    request.dt_ms = 5;
    return gestures_format().load(request);
}

std::filesystem::path only_folder_in(const std::filesystem::path& cache) {
    std::filesystem::path found;
    int count = 0;
    for (const auto& entry : std::filesystem::directory_iterator(cache / "synfire")) {
        found = entry.path();
        ++count;
    }
    CHECK(count == 1);
    return found;
}

}  // namespace

TEST_CASE("made recordings that are damaged are made again") {
    namespace fs = std::filesystem;
    const std::string cache = scratch_folder();
    REQUIRE(::setenv("XDG_CACHE_HOME", cache.c_str(), 1) == 0);
    const InputData made = cached(1);
    CHECK(made.train.size() == 22);
    const fs::path folder = only_folder_in(cache);
    const auto before = fs::last_write_time(folder / "train.h5");
    CHECK(cached(1).train.fingerprint() == made.train.fingerprint());
    CHECK(fs::last_write_time(folder / "train.h5") == before);
    auto damage = [&](const char* name, auto how) {
        CAPTURE(name);
        how(folder / name);
        const InputData again = cached(1);
        CHECK(again.train.fingerprint() == made.train.fingerprint());
        CHECK(again.test.fingerprint() == made.test.fingerprint());
        CHECK(again.test.labels == made.test.labels);
        only_folder_in(cache);
    };
    auto change_a_byte = [](const fs::path& path) {
        std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
        file.seekp(static_cast<std::streamoff>(fs::file_size(path) / 2));
        const int byte = file.peek();
        file.put(static_cast<char>(byte ^ 1));
    };
    for (const char* name : {"train.h5", "test.h5", "hashes"}) {
        damage(name, change_a_byte);
        damage(name, [](const fs::path& path) { fs::resize_file(path, fs::file_size(path) / 2); });
        damage(name, [](const fs::path& path) { fs::resize_file(path, 0); });
        damage(name, [](const fs::path& path) { fs::remove(path); });
    }
}

TEST_CASE("a cache that cannot be written to says what to set") {
    REQUIRE(::setenv("XDG_CACHE_HOME", "/proc/none", 1) == 0);
    std::string words;
    try {
        cached(2);
    } catch (const InputError& error) {
        words = error.what();
    }
    CHECK(words.find("/proc/none/synfire/gestures-") == 0);
    CHECK(words.find("set XDG_CACHE_HOME to a folder that can be written to") != std::string::npos);
}
