#include "scenes/moving_scenes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/problem.hpp"
#include "base/workers.hpp"
#include "cached_set.hpp"
#include "event_camera/event_camera.hpp"
#include "scenes/scene.hpp"

namespace synfire {
namespace {

using json = nlohmann::json;

// Raised whenever equal settings come to give other recordings.
constexpr std::uint32_t scene_revision = 1;
constexpr std::uint32_t textures_made = 16, looks_a_tick = 4, scenes_at_once = 64;
constexpr std::uint32_t least_extent = 16;  // of a sensor
constexpr float darkest = 0.02f;            // grey value of nothing, of which a logarithm is taken

struct SceneSettings {
    MapShape shape;
    std::uint32_t ticks = 0;
    double dt_ms = 0;
    std::uint64_t seed = 0;
    std::uint32_t objects = 0;
    float shift = 0, threshold = 0, mismatch = 0, noise_hz = 0, refractory_s = 0;
    bool mask_events = true;

    std::string text() const {
        return fmt::format("moving_scenes {} {} {} {} {} {} {} {:a} {:a} {:a} {:a} {:a} {:a} {}",
                           scene_revision, shape.channels, shape.rows, shape.columns, ticks, seed,
                           objects, dt_ms, shift, threshold, mismatch, noise_hz, refractory_s,
                           mask_events);
    }
};

SceneSettings scene_settings(const InputRequest& request) {
    const json& input = *request.json;
    if (!request.shape || request.shape->channels != 2 || request.shape->rows < least_extent ||
        request.shape->columns < least_extent)
        throw InputError(
            fmt::format("The moving_scenes format needs an input population with a \"shape\" of "
                        "[2, rows, columns], a channel a polarity, of {} rows and columns or more.",
                        least_extent));
    SceneSettings s;
    s.shape = *request.shape;
    s.ticks = request.ticks;
    s.dt_ms = request.dt_ms;
    s.seed = input.at("seed");
    s.objects = input.at("objects");
    s.shift = input.at("max_shift");
    s.threshold = input.at("threshold");
    s.mismatch = input.at("mismatch");
    s.noise_hz = input.at("noise_hz");
    s.refractory_s = input.at("refractory_ms").get<float>() / 1000;
    s.mask_events = input.at("mask") == "events";
    return s;
}

struct MadeScene {
    std::vector<std::uint32_t> keys;
    std::vector<float> target;  // flow, mask, frames
};

MadeScene record_scene(const SceneSettings& s, const std::vector<scenes::Texture>& textures,
                       std::uint32_t split, std::uint32_t number) {
    Random random(s.seed, Stream::scene, split, number);
    const scenes::Scene scene({s.shape.rows, s.shape.columns, s.objects, s.shift}, textures,
                              random);
    EventCamera camera(
        {s.shape.rows, s.shape.columns, s.noise_hz, s.threshold, s.mismatch, s.refractory_s, true},
        random);
    const auto duration = static_cast<float>(s.ticks * s.dt_ms / 1000);
    const std::uint32_t looks = s.ticks * looks_a_tick;
    std::vector<float> grey, before, log_intensity(s.shape.pixels());
    std::vector<SimulatedEvent> events;
    for (std::uint32_t k = 0; k <= looks; ++k) {
        const float moment = static_cast<float>(k) / static_cast<float>(looks);
        scene.paint(moment, grey);
        if (k == 0) before = grey;
        std::ranges::transform(grey, log_intensity.begin(),
                               [](float v) { return std::log(v + darkest); });
        camera.look(log_intensity,
                    duration * static_cast<float>(k > 0 ? k - 1 : 0) / static_cast<float>(looks),
                    duration * moment, random, events);
    }
    MadeScene result;
    std::vector<float> flow, mask;
    scene.true_flow(flow, mask);
    std::vector<bool> active(s.shape.pixels());
    for (const SimulatedEvent& e : events) {
        const auto tick =
            std::min(s.ticks - 1, static_cast<std::uint32_t>(e.seconds * 1000.0 / s.dt_ms));
        result.keys.push_back(tick * static_cast<std::uint32_t>(s.shape.size()) +
                              s.shape.neuron(e.on ? 1 : 0, e.y, e.x));
        active[std::size_t{e.y} * s.shape.columns + e.x] = true;
    }
    for (std::size_t pixel = 0; s.mask_events && pixel < mask.size(); ++pixel)
        if (!active[pixel]) mask[pixel] = 0;
    result.target = std::move(flow);
    result.target.insert(result.target.end(), mask.begin(), mask.end());
    for (std::size_t pixel = 0; pixel < grey.size(); ++pixel) {
        result.target.push_back(before[pixel]);
        result.target.push_back(grey[pixel]);
    }
    return result;
}

EventSet make_scenes(const SceneSettings& s, std::uint32_t split, std::uint64_t count,
                     const ReadingProgress& progress) {
    const SetForm form{static_cast<std::uint32_t>(s.shape.size()),
                       s.ticks,
                       {{2, s.shape.rows, s.shape.columns}, true}};
    auto make = [&](const std::function<void(const EventSet&)>& take) -> json {
        std::vector<scenes::Texture> textures;
        for (std::uint32_t t = 0; t < textures_made; ++t) {
            Random random(s.seed, Stream::scene, 2 + split, t);
            textures.emplace_back(random);
        }
        for (std::uint64_t begin = 0; begin < count; begin += scenes_at_once) {
            const auto some =
                static_cast<std::size_t>(std::min<std::uint64_t>(scenes_at_once, count - begin));
            std::vector<MadeScene> made(some);
            in_parallel(some, [&](std::size_t i) {
                made[i] = record_scene(s, textures, split, static_cast<std::uint32_t>(begin + i));
            });
            EventSet set = form.empty_set();
            for (MadeScene& recording : made) set.add(recording.keys, 0, recording.target);
            take(set);
            if (progress) progress(begin + some, count);
        }
        return json::object();
    };
    json extra;
    return cached_set(fmt::format("{} {} {}", s.text(), split, count), form, make, extra);
}

InputData load_scenes(const InputRequest& request) {
    if (!request.data_folder.empty())
        throw InputError(fmt::format(
            "{}: recordings of moving_scenes are made, and none are read; --data is not expected.",
            request.data_folder));
    const SceneSettings s = scene_settings(request);
    auto count = [&](const char* split) {
        return std::min(request.json->at(split).get<std::uint64_t>(), request.limit);
    };
    InputData data;
    if (request.training) data.train = make_scenes(s, 0, count("train"), request.progress);
    data.test = make_scenes(s, 1, count("test"), request.progress);
    return data;
}

}  // namespace

InputFormat moving_scenes_format() {
    InputFormat format;
    format.name = "moving_scenes";
    format.doc =
        "a simulated event camera before textured planes that shift, turn, zoom and shear, one "
        "before the other; each recording is a sample long and has its true flow, in pixels of "
        "displacement from its beginning to its end, and grey pictures of both; made once and kept "
        "in $XDG_CACHE_HOME/synfire";
    format.fields = {
        integer("train", "recordings made for training").otherwise(2000).between(1, 1e7),
        integer("test", "recordings made for the test").otherwise(200).between(1, 1e7),
        integer("seed", "of the generator").otherwise(1).between(0, 9e15),
        integer("objects", "in front of the background, at most").otherwise(3).between(0, 64),
        real("max_shift", "by which a plane shifts during a sample, at most")
            .otherwise(4.0)
            .between(0, 1000)
            .in("pixels"),
        real("threshold", "of the camera: change of the logarithm of light at which a pixel fires")
            .otherwise(0.2)
            .between(0.01, 10),
        real("mismatch", "deviation of thresholds between pixels, as a part of them")
            .otherwise(0.1)
            .between(0, 0.5),
        real("refractory_ms", "for which a pixel is silent after an event")
            .otherwise(1.0)
            .between(0, 1e6)
            .in("ms"),
        real("noise_hz", "events a second that each pixel fires by itself")
            .otherwise(0.5)
            .between(0, 1000)
            .in("Hz"),
        choice("mask", {"events", "all"},
               "pixels at which a flow is judged: those that had an event, or all, of those whose "
               "true displacement stays on the sensor and in sight")
            .otherwise("events"),
    };
    format.load = &load_scenes;
    format.targets = {.classes = false, .flow = true, .frames = true};
    return format;
}

}  // namespace synfire
