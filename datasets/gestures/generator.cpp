#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "base/atomic_file.hpp"
#include "base/hdf5.hpp"
#include "base/problem.hpp"
#include "base/workers.hpp"
#include "event_camera/event_camera.hpp"
#include "gestures/gestures.hpp"
#include "gestures/motion.hpp"

namespace synfire {
namespace {

using namespace gestures;

constexpr float step_s = 0.002f;                   // between two looks of the camera
constexpr float contrast = 1.0f;                   // of log intensity between shape and background
constexpr std::uint32_t fewest = 350, most = 650;  // events of a recording

enum class Outline { disc, square, diamond, bar };

// Distance of a point to a shape's outline, negative inside; size: half its width.
float distance(Outline outline, float x, float y, float size) {
    x = std::fabs(x);
    y = std::fabs(y);
    switch (outline) {
        case Outline::disc:
            return std::sqrt(x * x + y * y) - size;
        case Outline::square:
            return std::max(x, y) - 0.9f * size;
        case Outline::diamond:
            return (x + y) * 0.7071f - 0.9f * size;
        case Outline::bar:
            return std::max(x - 1.2f * size, y - 0.7f * size);
    }
    return 0;
}

// The way from b to a on a ring of that length.
float around(float a, float b, float length) {
    const float d = a - b;
    return d - length * std::floor(d / length + 0.5f);
}

struct Shape {
    Outline outline;
    float size, contrast_to_background, cosine, sine;

    Shape(float columns, Random& random)
        : outline(static_cast<Outline>(random.below(4))),
          size(random.uniform(0.13f, 0.18f) * columns),
          contrast_to_background(random.below(2) ? contrast : -contrast) {
        const float turn = random.uniform(0, 3.14159265f);
        cosine = std::cos(turn);
        sine = std::sin(turn);
    }
    // How much of the pixel at that distance from the centre it covers.
    float cover(float dx, float dy, float scale) const {
        const float x = cosine * dx + sine * dy, y = cosine * dy - sine * dx;
        return std::clamp(0.5f - distance(outline, x, y, size * scale), 0.0f, 1.0f);
    }
};

void paint(const Shape& shape, const Pose& pose, std::uint32_t rows, std::uint32_t columns,
           std::vector<float>& log_intensity) {
    for (std::uint32_t y = 0; y < rows; ++y)
        for (std::uint32_t x = 0; x < columns; ++x) {
            const float dx = around(static_cast<float>(x), pose.x, static_cast<float>(columns));
            const float dy = around(static_cast<float>(y), pose.y, static_cast<float>(rows));
            log_intensity[y * columns + x] =
                shape.contrast_to_background * shape.cover(dx, dy, pose.scale);
        }
}

// Keeps a random `count` of the events (all where there are fewer), in the order of time.
void thin(std::vector<SimulatedEvent>& events, std::uint32_t count, Random& random) {
    for (std::uint32_t k = 0; k < count && k < events.size(); ++k)
        std::swap(events[k],
                  events[k + random.below(static_cast<std::uint32_t>(events.size()) - k)]);
    if (events.size() > count) events.resize(count);
    std::ranges::stable_sort(events, {}, &SimulatedEvent::seconds);
}

std::vector<SimulatedEvent> record(const GestureSettings& s, std::uint32_t kind, Random& random) {
    const auto duration = static_cast<float>(s.duration_ms / 1000);
    const Shape shape(static_cast<float>(s.columns), random);
    const Motion motion(kind, static_cast<float>(s.rows), static_cast<float>(s.columns), duration,
                        random);
    EventCamera camera({s.rows, s.columns, static_cast<float>(s.noise_hz)}, random);
    std::vector<float> log_intensity(s.rows * s.columns);
    std::vector<SimulatedEvent> events;
    const auto steps = static_cast<std::uint32_t>(duration / step_s);
    for (std::uint32_t k = 0; k <= steps; ++k) {
        const float now = static_cast<float>(k) * step_s;
        paint(shape, motion.at(now), s.rows, s.columns, log_intensity);
        camera.look(log_intensity, now - step_s, now, random, events);
    }
    thin(events, fewest + random.below(most - fewest + 1), random);
    return events;
}

// The motion of each class.
std::vector<std::uint32_t> motions_of(const GestureSettings& s) {
    std::vector<std::uint32_t> motions = s.motions;
    if (motions.empty())
        for (std::uint32_t kind = 0; kind < motion_names.size(); ++kind) motions.push_back(kind);
    return motions;
}

void write_split(const GestureSettings& s, std::uint32_t split, std::uint32_t count,
                 const std::string& path) {
    const std::vector<std::uint32_t> motions = motions_of(s);
    std::vector<std::vector<float>> times(count);
    std::vector<std::vector<std::uint16_t>> units(count);
    std::vector<std::uint16_t> labels(count);
    in_parallel(count, [&](std::size_t number) {
        const auto i = static_cast<std::uint32_t>(number);
        Random random(s.seed, Stream::scene, split, i);
        labels[i] = static_cast<std::uint16_t>(i % motions.size());
        for (const SimulatedEvent& e : record(s, motions[labels[i]], random)) {
            times[i].push_back(e.seconds);
            units[i].push_back(
                static_cast<std::uint16_t>((e.y * s.columns + e.x) * 2u + (e.on ? 1u : 0u)));
        }
    });
    Hdf5File file = Hdf5File::create(path);
    file.write_ragged<float>("/spikes/times", times);
    file.write_ragged<std::uint16_t>("/spikes/units", units);
    file.write<std::uint16_t>("/labels", labels);
    std::string names;
    for (const std::uint32_t kind : motions)
        names += fmt::format("{}{}", names.empty() ? "" : ",", motion_names[kind]);
    file.write_text("/extra/keys", names);
    file.close();
}

}  // namespace

void generate_gestures(const GestureSettings& settings, const std::string& folder) {
    namespace fs = std::filesystem;
    const std::string temporary = temporary_name(folder);
    std::error_code error;
    fs::create_directories(temporary, error);
    if (error)
        throw InputError(
            fmt::format("{}: the folder cannot be made ({}); a place that can be "
                        "written to is expected.",
                        folder, error.message()));
    try {
        write_split(settings, 0, settings.train, temporary + "/train.h5");
        write_split(settings, 1, settings.test, temporary + "/test.h5");
        fs::rename(temporary, folder, error);
        // Another process may have made the same folder meanwhile: then it holds the same files.
        if (error && !fs::exists(folder + "/test.h5"))
            throw InputError(
                fmt::format("{}: the folder cannot be made ({}); a name that is free "
                            "is expected.",
                            folder, error.message()));
    } catch (...) {
        fs::remove_all(temporary, error);
        throw;
    }
    fs::remove_all(temporary, error);
}

}  // namespace synfire
