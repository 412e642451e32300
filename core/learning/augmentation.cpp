#include "learning/augmentation.hpp"

#include <algorithm>

#include "base/random.hpp"
#include "json/form.hpp"

namespace synfire {
namespace {

// A change of place on the sensor, or along the units where they have no rows and columns.
struct Shift {
    std::int64_t ticks, units, rows, columns;
};

// The unit at which an event arrives, or -1 where it leaves.
std::int64_t moved(std::int64_t unit, std::int64_t unit_count, const std::optional<MapShape>& shape,
                   const Shift& shift) {
    std::int64_t target = unit + shift.units;
    if (shape) {
        const std::int64_t rows = shape->rows, columns = shape->columns, channels = shape->channels;
        const std::int64_t row = unit / channels / columns + shift.rows;
        const std::int64_t column = unit / channels % columns + shift.columns;
        if (row < 0 || row >= rows || column < 0 || column >= columns) return -1;
        target += (shift.rows * columns + shift.columns) * channels;
    }
    return target >= 0 && target < unit_count ? target : -1;
}

}  // namespace

bool Augmentation::any() const {
    return drop_probability > 0 || shift_units || shift_ticks || shift_rows || shift_columns ||
           jitter_units || jitter_ticks;
}

void Augmentation::apply(std::span<const std::uint32_t> keys, std::uint32_t units,
                         std::uint32_t ticks, const std::optional<MapShape>& shape,
                         std::uint64_t seed, std::uint32_t epoch, std::uint32_t recording,
                         std::vector<std::uint32_t>& changed) const {
    Random random(seed, Stream::augmentation, epoch, recording);
    auto around = [&](std::uint32_t reach) -> std::int64_t {
        return reach ? random.around(static_cast<std::int32_t>(reach)) : 0;
    };
    const Shift shift{around(shift_ticks), around(shift_units), around(shift_rows),
                      around(shift_columns)};
    changed.clear();
    for (const std::uint32_t key : keys) {
        if (drop_probability > 0 && random.uniform() < drop_probability) continue;
        const std::int64_t tick = key / units + shift.ticks + around(jitter_ticks);
        std::int64_t unit = moved(key % units, units, shape, shift);
        if (unit >= 0) unit += around(jitter_units);
        if (tick < 0 || tick >= ticks || unit < 0 || unit >= units) continue;
        changed.push_back(static_cast<std::uint32_t>(tick * units + unit));
    }
    std::ranges::sort(changed);
    changed.erase(std::unique(changed.begin(), changed.end()), changed.end());
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
    };
    return form;
}

Augmentation read_augmentation(const nlohmann::json& json) {
    return {json.at("drop_probability"), json.at("shift_units"),   json.at("shift_ticks"),
            json.at("shift_rows"),       json.at("shift_columns"), json.at("jitter_units"),
            json.at("jitter_ticks")};
}

}  // namespace synfire
