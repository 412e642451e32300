#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>

#include "base/fingerprint.hpp"
#include "base/problem.hpp"
#include "gestures/gestures.hpp"
#include "shd/shd.hpp"

namespace synfire {
namespace {

// Raised whenever the generator's output changes for equal settings: old files are then not used.
constexpr std::uint32_t revision = 2;

GestureSettings settings_of(const InputRequest& request) {
    GestureSettings s;
    s.train = request.json->at("train");
    s.test = request.json->at("test");
    s.seed = request.json->at("seed");
    s.duration_ms = request.json->at("duration_ms");
    s.noise_hz = request.json->at("noise_hz");
    if (!request.shape || request.shape->channels != 2 || request.units > 65536)
        throw InputError(
            "The gestures format needs an input population with a \"shape\" of [2, "
            "rows, columns], a channel a polarity, and at most 65536 units.");
    s.rows = request.shape->rows;
    s.columns = request.shape->columns;
    return s;
}

// Where generated recordings are kept between runs.
std::string cache_folder(const GestureSettings& s) {
    std::string base;
    if (const char* cache = std::getenv("XDG_CACHE_HOME"); cache && *cache)
        base = cache;
    else if (const char* home = std::getenv("HOME"); home && *home)
        base = std::string(home) + "/.cache";
    else
        base = std::filesystem::temp_directory_path().string();
    Fingerprint fingerprint;
    for (const char c : fmt::format("{} {} {} {} {} {} {} {}", revision, s.train, s.test, s.seed,
                                    s.rows, s.columns, s.duration_ms, s.noise_hz))
        fingerprint.add(static_cast<std::uint32_t>(c));
    return fmt::format("{}/synfire/gestures-{:016x}", base, fingerprint.value());
}

InputData load(const InputRequest& request) {
    std::string folder = request.data_folder;
    if (folder.empty()) {
        const GestureSettings settings = settings_of(request);
        folder = cache_folder(settings);
        if (!std::filesystem::exists(folder + "/test.h5")) {
            std::filesystem::create_directories(std::filesystem::path(folder).parent_path());
            generate_gestures(settings, folder);
        }
    }
    return read_shd_folder(folder, "train.h5", "test.h5", request);
}

}  // namespace

InputFormat gestures_format() {
    const GestureSettings d;
    return {"gestures",
            "eleven motions seen by a simulated event camera; made once and kept in "
            "$XDG_CACHE_HOME/synfire, or read from --data",
            {integer("train", "recordings made for training").otherwise(d.train).between(1, 1e7),
             integer("test", "recordings made for the test").otherwise(d.test).between(1, 1e7),
             integer("seed", "of the generator").otherwise(d.seed).between(0, 9e15),
             real("duration_ms", "length of a recording")
                 .otherwise(d.duration_ms)
                 .between(50, 10000)
                 .in("ms"),
             real("noise_hz", "events a second that each pixel fires by itself")
                 .otherwise(d.noise_hz)
                 .between(0, 100)
                 .in("Hz")},
            &load};
}

}  // namespace synfire
