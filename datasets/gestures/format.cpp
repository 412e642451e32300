#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/problem.hpp"
#include "gestures/cache.hpp"
#include "gestures/gestures.hpp"
#include "gestures/motion.hpp"
#include "shd/shd.hpp"

namespace synfire {
namespace {

std::vector<std::string> names_of_motions() {
    return {gestures::motion_names.begin(), gestures::motion_names.end()};
}

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
    if (request.json->contains("classes")) {
        const std::vector<std::string> names = names_of_motions();
        for (const std::string motion : request.json->at("classes"))
            s.motions.push_back(
                static_cast<std::uint32_t>(std::ranges::find(names, motion) - names.begin()));
    }
    return s;
}

std::string doc_of_classes() {
    return fmt::format(
        "motions that are made, in the order of their labels from 0 on, two or more of {}; all, in "
        "this order, if absent",
        fmt::join(names_of_motions(), ", "));
}

void check_classes(const nlohmann::json& input, std::uint32_t, std::uint32_t,
                   const std::string& pointer, Problems& problems) {
    if (!input.contains("classes")) return;
    const auto classes = input.at("classes").get<std::vector<std::string>>();
    auto complain = [&](const std::string& place, std::string message) {
        problems.push_back({pointer + "/classes" + place, std::move(message), "", 0});
    };
    if (classes.empty()) complain("", "No motion is named; at least two are expected.");
    if (classes.size() == 1)
        complain("", "One motion has nothing to be told from; at least two are expected.");
    for (auto c = classes.begin(); c != classes.end(); ++c)
        if (const auto first = std::ranges::find(classes, *c); first < c)
            complain(fmt::format("/{}", c - classes.begin()),
                     fmt::format("'{}' is class {} already; a motion is named once.", *c,
                                 first - classes.begin()));
}

InputData load_gestures(const InputRequest& request) {
    const auto read = [&](const std::string& folder) {
        return read_shd_folder(folder, "train.h5", "test.h5", request);
    };
    if (!request.data_folder.empty()) {
        if (request.json->contains("classes"))
            throw InputError(fmt::format(
                "{}: recordings are read from there and not made, so /input/classes, which says "
                "which motions are made, has no meaning; leave out the one or the other.",
                request.data_folder));
        return read(request.data_folder);
    }
    return read_from_gesture_cache(settings_of(request), read);
}

}  // namespace

InputFormat gestures_format() {
    const GestureSettings d;
    return {
        "gestures",
        "motions seen by a simulated event camera, eleven or some of them; made once and kept in "
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
             .in("Hz"),
         list("classes", choice("", names_of_motions(), ""), doc_of_classes())},
        &load_gestures,
        &check_classes};
}

}  // namespace synfire
