#include "flow/sequences.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/problem.hpp"

namespace synfire {

Field flow_binning_field() {
    return choice(
               "binning", {"count", "time"},
               "a sample's events are cut into \"ticks\" parts of equal number, or of equal time")
        .otherwise("count");
}

FlowWindow flow_window(const InputRequest& request, std::uint32_t sensor_rows,
                       std::uint32_t sensor_columns) {
    const nlohmann::json& input = *request.json;
    if (!request.shape || request.shape->channels != 2 || request.shape->rows > sensor_rows ||
        request.shape->columns > sensor_columns)
        throw InputError(
            fmt::format("The {} format needs an input population with a \"shape\" of [2, rows, "
                        "columns], of at most {} rows and {} columns: the middle of the sensor.",
                        input.at("format").get<std::string>(), sensor_rows, sensor_columns));
    return {*request.shape, sensor_rows, sensor_columns, request.ticks,
            input.at("binning") == "count"};
}

}  // namespace synfire
