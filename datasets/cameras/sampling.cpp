#include "cameras/sampling.hpp"

#include <fmt/format.h>

#include "base/problem.hpp"

namespace synfire {
namespace {

std::int64_t microseconds(double ms) {
    return static_cast<std::int64_t>(std::llround(ms * 1000));
}

}  // namespace

std::vector<Field> sampling_fields() {
    const Field pixel = integer("", "").between(0, 65535);
    return {choice("binning", {"time", "count"},
                   "an event's tick is its time / dt_ms, or a recording's events are cut into "
                   "\"ticks\" parts of equal number")
                .otherwise("time"),
            integer("downsample",
                    "rows and columns of the sensor that one of the population is; where neither "
                    "this nor \"area\" is given, the whole sensor is the population's map")
                .between(1, 256),
            list("area", pixel,
                 "[x, y, columns, rows] of the upright sensor that is the population's map; events "
                 "beyond it are left out. Row r of it is row floor(r * population rows / rows), "
                 "columns alike; events of one neuron and tick become one spike"),
            real("from_ms", "what is taken begins here, after the recording's beginning")
                .otherwise(0)
                .between(0, 1e9)
                .in("ms"),
            real("to_ms", "and ends just before this").above(0).below(1e9).in("ms"),
            choice("polarity", {"both", "merged", "on", "off"},
                   "channel 0 OFF and 1 ON; or one channel for both, or for one of them")
                .otherwise("both"),
            choice("hot_pixels", {"keep", "remove"},
                   "remove: pixels with over 100 events and over 10 times as many as 95 % of the "
                   "recording's active pixels have at most are left out")
                .otherwise("keep")};
}

Sampling read_sampling(const InputRequest& request) {
    const nlohmann::json& json = *request.json;
    Sampling s;
    const std::string polarity = json.at("polarity");
    s.polarity = polarity == "both"     ? Sampling::Polarity::both
                 : polarity == "merged" ? Sampling::Polarity::merged
                 : polarity == "on"     ? Sampling::Polarity::on
                                        : Sampling::Polarity::off;
    const std::uint32_t channels = s.polarity == Sampling::Polarity::both ? 2 : 1;
    if (!request.shape || request.shape->channels != channels)
        throw InputError(fmt::format(
            "The {} format needs an input population with a \"shape\" of [{}, rows, columns]{}.",
            json.at("format").get<std::string>(), channels,
            channels == 2 ? ", a channel a polarity" : ", as \"polarity\" leaves one channel"));
    s.shape = *request.shape;
    s.ticks = request.ticks;
    s.dt_ms = request.dt_ms;
    s.binning = json.at("binning") == "count" ? Sampling::Binning::count : Sampling::Binning::time;
    if (json.contains("downsample")) s.downsample = json.at("downsample");
    if (json.contains("area")) {
        const std::vector<std::uint32_t> area = json.at("area");
        if (area.size() != 4 || area[2] < s.shape.columns || area[3] < s.shape.rows)
            throw InputError(fmt::format(
                "/input/area is {}; four numbers [x, y, columns, rows] are expected, with at least "
                "the {} columns and {} rows of the population.",
                json.at("area").dump(), s.shape.columns, s.shape.rows));
        if (s.downsample > 0)
            throw InputError(
                "/input has both \"area\" and \"downsample\"; one of them is allowed.");
        s.area = {area[0], area[1], area[2], area[3]};
    }
    s.from_us = microseconds(json.at("from_ms"));
    if (json.contains("to_ms")) s.to_us = microseconds(json.at("to_ms"));
    if (s.from_us >= s.to_us)
        throw InputError(
            fmt::format("/input/from_ms is {} and /input/to_ms {}; from_ms has to be "
                        "less than to_ms.",
                        json.at("from_ms").dump(), json.at("to_ms").dump()));
    s.without_hot_pixels = json.at("hot_pixels") == "remove";
    return s;
}

SensorMap::SensorMap(const Sampling& sampling, const Sensor& sensor, const std::string& recording)
    : polarity_(sampling.polarity), shape_(sampling.shape), sensor_(sensor), recording_(recording) {
    sensor.require_size(recording);
    std::uint32_t columns = sensor.columns, rows = sensor.rows;
    if (sensor.transposed) std::swap(columns, rows);
    if (sampling.area) {
        area_ = *sampling.area;
        drops_ = true;
    } else if (sampling.downsample > 0) {
        area_ = {0, 0, shape_.columns * sampling.downsample, shape_.rows * sampling.downsample};
    } else if (columns > 0) {
        area_ = {0, 0, columns, rows};
    } else {
        area_ = {0, 0, shape_.columns, shape_.rows};
    }
    if (area_.columns < shape_.columns || area_.rows < shape_.rows)
        throw InputError(fmt::format(
            "{}: the sensor has {} columns and {} rows, and the input population {} and {}; it "
            "can have as many at most.",
            recording, area_.columns, area_.rows, shape_.columns, shape_.rows));
    for (std::uint32_t r = 0; r < area_.rows; ++r)
        row_.push_back(static_cast<std::uint32_t>(std::uint64_t{r} * shape_.rows / area_.rows));
    for (std::uint32_t c = 0; c < area_.columns; ++c)
        column_.push_back(
            static_cast<std::uint32_t>(std::uint64_t{c} * shape_.columns / area_.columns));
}

SensorMap::Place SensorMap::place(const CameraEvent& event, std::uint64_t index) const {
    const bool beyond = sensor_.columns > 0 && !sensor_.holds(event);
    const auto [x, y] = sensor_.upright(event);
    const std::uint32_t column = x - area_.x, row = y - area_.y;  // beyond on either side: large
    if (beyond || ((column >= area_.columns || row >= area_.rows) && !drops_))
        throw InputError(fmt::format(
            "{}: event {} is at x = {}, y = {}; the input population stands for a sensor of {} "
            "columns and {} rows, so x is 0 to {} and y 0 to {}.",
            recording_, index, event.x, event.y, beyond ? sensor_.columns : area_.columns,
            beyond ? sensor_.rows : area_.rows, (beyond ? sensor_.columns : area_.columns) - 1,
            (beyond ? sensor_.rows : area_.rows) - 1));
    if (column >= area_.columns || row >= area_.rows) return {0, &LeftOut::area};
    std::uint32_t channel = 0;
    if (polarity_ == Sampling::Polarity::both) channel = event.polarity;
    if (polarity_ == Sampling::Polarity::on && event.polarity == 0) return {0, &LeftOut::polarity};
    if (polarity_ == Sampling::Polarity::off && event.polarity == 1) return {0, &LeftOut::polarity};
    return {shape_.neuron(channel, row_[row], column_[column])};
}

}  // namespace synfire
