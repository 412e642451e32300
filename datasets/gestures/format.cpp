#include "base/problem.hpp"
#include "gestures/cache.hpp"
#include "gestures/gestures.hpp"
#include "shd/shd.hpp"

namespace synfire {
namespace {

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

InputData load_gestures(const InputRequest& request) {
    const auto read = [&](const std::string& folder) {
        return read_shd_folder(folder, "train.h5", "test.h5", request);
    };
    if (!request.data_folder.empty()) return read(request.data_folder);
    return read_from_gesture_cache(settings_of(request), read);
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
            &load_gestures};
}

}  // namespace synfire
