// From a camera's events to spikes of the input population: which part of the recording and of the
// sensor, which polarities, and which tick.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "json/form.hpp"
#include "learning/input.hpp"
#include "recordings/event.hpp"
#include "recordings/sensor.hpp"

namespace synfire {

struct Sampling {
    enum class Binning { time, count };
    enum class Polarity { both, merged, on, off };
    struct Area {
        std::uint32_t x, y, columns, rows;
    };

    MapShape shape;  // of the input population
    std::uint32_t ticks = 0;
    double dt_ms = 1;
    Binning binning = Binning::time;
    Polarity polarity = Polarity::both;
    std::optional<Area> area;
    std::uint32_t downsample = 0;  // 0: the whole sensor is mapped onto the population
    std::int64_t from_us = 0, to_us = INT64_MAX;
    bool without_hot_pixels = false;
};

// What every format of cameras' recordings takes in the experiment's "input", beside its own.
// downsample: whether areas may be given as a number of pixels, too.
std::vector<Field> sampling_fields();

// Throws InputError where the population has no shape that fits.
Sampling read_sampling(const InputRequest& request);

// Where on the population's map an event lies.
class SensorMap {
  public:
    // Throws InputError, which names the recording, where the sensor or area is smaller than the
    // population, or lies the other way round and its size is not known.
    SensorMap(const Sampling& sampling, const Sensor& sensor, const std::string& recording);

    struct Place {
        std::uint32_t unit = 0;
        std::uint64_t LeftOut::*left_out = nullptr;  // the reason where it has none
    };
    // Throws InputError for an event beyond the sensor. index: of the event, for messages.
    Place place(const CameraEvent& event, std::uint64_t index) const;

  private:
    Sampling::Area area_{};
    Sampling::Polarity polarity_;
    MapShape shape_;
    Sensor sensor_;
    bool drops_ = false;  // events beyond the area
    const std::string& recording_;
    std::vector<std::uint32_t> row_, column_;  // of the population, by row and column of the area
};

}  // namespace synfire
