#include "learning/augmentation.hpp"

#include <algorithm>
#include <cmath>

#include "base/random.hpp"
#include "json/form.hpp"

namespace synfire {
// A change of place: along ticks, units, or on the sensor, there first mirrored and turned, then
// shifted.
struct Augmentation::Change {
    std::int64_t ticks = 0, units = 0, rows = 0, columns = 0;
    bool flips_rows = false, flips_columns = false, turns = false;
    float cosine = 1, sine = 0;

    struct Place {
        std::int64_t row, column;
    };
    // Where a pixel comes to lie, perhaps beyond the sensor.
    Place of(Place p, const MapShape& shape) const {
        if (flips_rows) p.row = shape.rows - 1 - p.row;
        if (flips_columns) p.column = shape.columns - 1 - p.column;
        if (turns) p = turned(p, shape, sine);
        return {p.row + rows, p.column + columns};
    }
    // Whence what lies there has come.
    Place origin(Place p, const MapShape& shape) const {
        p = {p.row - rows, p.column - columns};
        if (turns) p = turned(p, shape, -sine);
        if (flips_columns) p.column = shape.columns - 1 - p.column;
        if (flips_rows) p.row = shape.rows - 1 - p.row;
        return p;
    }
    // A displacement, along columns and rows.
    void turn(float& x, float& y) const {
        if (flips_columns) x = -x;
        if (flips_rows) y = -y;
        const float turned_x = cosine * x - sine * y;
        y = sine * x + cosine * y;
        x = turned_x;
    }

  private:
    Place turned(Place p, const MapShape& shape, float along) const {
        const float middle_row = static_cast<float>(shape.rows - 1) / 2,
                    middle_column = static_cast<float>(shape.columns - 1) / 2;
        const float x = static_cast<float>(p.column) - middle_column,
                    y = static_cast<float>(p.row) - middle_row;
        return {
            static_cast<std::int64_t>(std::floor(along * x + cosine * y + middle_row + 0.5f)),
            static_cast<std::int64_t>(std::floor(cosine * x - along * y + middle_column + 0.5f))};
    }
};

namespace {

bool holds(const MapShape& shape, std::int64_t row, std::int64_t column) {
    return row >= 0 && row < shape.rows && column >= 0 && column < shape.columns;
}

}  // namespace

bool Augmentation::any() const {
    return drop_probability > 0 || shift_units || shift_ticks || jitter_units || jitter_ticks ||
           moves_on_sensor();
}

bool Augmentation::moves_on_sensor() const {
    return shift_rows || shift_columns || flip_rows > 0 || flip_columns > 0 || rotate_degrees > 0;
}

// What is not asked for draws nothing, so that other options go on as they would without it.
Augmentation::Change Augmentation::draw(Random& random) const {
    auto around = [&](std::uint32_t reach) -> std::int64_t {
        return reach ? random.around(static_cast<std::int32_t>(reach)) : 0;
    };
    Change change;
    change.ticks = around(shift_ticks);
    change.units = around(shift_units);
    change.rows = around(shift_rows);
    change.columns = around(shift_columns);
    change.flips_rows = flip_rows > 0 && random.uniform() < flip_rows;
    change.flips_columns = flip_columns > 0 && random.uniform() < flip_columns;
    if (rotate_degrees > 0) {
        change.turns = true;
        constexpr float radians = 3.14159265f / 180;
        const float angle = random.uniform(-rotate_degrees, rotate_degrees) * radians;
        change.cosine = std::cos(angle);
        change.sine = std::sin(angle);
    }
    return change;
}

void Augmentation::apply(std::span<const std::uint32_t> keys, std::uint32_t units,
                         std::uint32_t ticks, const std::optional<MapShape>& shape,
                         std::uint64_t seed, std::uint32_t epoch, std::uint32_t recording,
                         std::vector<std::uint32_t>& changed) const {
    Random random(seed, Stream::augmentation, epoch, recording);
    const Change change = draw(random);
    // The unit at which an event arrives, or -1 where it leaves.
    auto moved = [&](std::uint32_t unit) -> std::int64_t {
        std::int64_t target = unit;
        if (shape) {
            const std::uint32_t pixel = unit / shape->channels;
            const auto [row, column] =
                change.of({pixel / shape->columns, pixel % shape->columns}, *shape);
            if (!holds(*shape, row, column)) return -1;
            target = (row * shape->columns + column) * shape->channels + unit % shape->channels;
        }
        target += change.units;
        return target >= 0 && target < units ? target : -1;
    };
    auto around = [&](std::uint32_t reach) -> std::int64_t {
        return reach ? random.around(static_cast<std::int32_t>(reach)) : 0;
    };
    changed.clear();
    for (const std::uint32_t key : keys) {
        if (drop_probability > 0 && random.uniform() < drop_probability) continue;
        const std::int64_t tick = key / units + change.ticks + around(jitter_ticks);
        std::int64_t unit = moved(key % units);
        if (unit >= 0) unit += around(jitter_units);
        if (tick < 0 || tick >= ticks || unit < 0 || unit >= units) continue;
        changed.push_back(static_cast<std::uint32_t>(tick * units + unit));
    }
    std::ranges::sort(changed);
    changed.erase(std::unique(changed.begin(), changed.end()), changed.end());
}

void Augmentation::apply(const TargetKind& kind, std::span<const float> target, std::uint64_t seed,
                         std::uint32_t epoch, std::uint32_t recording,
                         std::vector<float>& changed) const {
    Random random(seed, Stream::augmentation, epoch, recording);
    const Change change = draw(random);
    const MapShape& shape = kind.shape;
    const Target from(kind, target.data());
    changed.assign(kind.floats(), 0.0f);
    float* const values = changed.data();
    float* const mask = values + shape.size();
    float* const frames = mask + kind.pixels();
    for (std::uint32_t pixel = 0; pixel < shape.pixels(); ++pixel) {
        auto [row, column] = change.origin({pixel / shape.columns, pixel % shape.columns}, shape);
        const bool counts = holds(shape, row, column);
        row = std::clamp<std::int64_t>(row, 0, shape.rows - 1);
        column = std::clamp<std::int64_t>(column, 0, shape.columns - 1);
        const auto origin = static_cast<std::size_t>(row * shape.columns + column);
        if (kind.frames)
            for (std::size_t k = 0; k < 2; ++k) frames[2 * pixel + k] = from.frames[2 * origin + k];
        if (!counts) continue;
        mask[pixel] = from.mask[origin];
        float* const here = values + std::size_t{pixel} * shape.channels;
        std::copy_n(from.values + origin * shape.channels, shape.channels, here);
        if (shape.channels == 2) change.turn(here[0], here[1]);
    }
}

Form augmentation_form() {
    auto count = [](std::string name, std::string doc) {
        return integer(std::move(name), std::move(doc)).otherwise(0).between(0, 1e6);
    };
    Form form;
    form.fields = {
        real("drop_probability", "probability with which each event is left out")
            .otherwise(0.0)
            .between(0, 1)
            .single(),
        count("shift_units", "shifts a recording by up to so many units, either way"),
        count("shift_ticks", "shifts a recording by up to so many ticks, either way"),
        count("shift_rows", "shifts it by up to so many rows; the input needs a \"shape\""),
        count("shift_columns", "shifts it by up to so many columns; the input needs a \"shape\""),
        count("jitter_units", "moves each event by up to so many units"),
        count("jitter_ticks", "moves each event by up to so many ticks"),
        real("flip_rows", "chance that a recording is mirrored, its first row last")
            .otherwise(0.0)
            .between(0, 1)
            .single(),
        real("flip_columns", "chance that it is mirrored, its first column last")
            .otherwise(0.0)
            .between(0, 1)
            .single(),
        real("rotate_degrees", "turns it about the middle by up to so much, either way")
            .otherwise(0.0)
            .between(0, 180)
            .single()
            .in("degrees"),
    };
    return form;
}

Augmentation read_augmentation(const nlohmann::json& json) {
    return {json.at("drop_probability"), json.at("shift_units"),   json.at("shift_ticks"),
            json.at("shift_rows"),       json.at("shift_columns"), json.at("jitter_units"),
            json.at("jitter_ticks"),     json.at("flip_rows"),     json.at("flip_columns"),
            json.at("rotate_degrees")};
}

}  // namespace synfire
