// A folder a class, a file a recording, in any container.
#include "base/problem.hpp"
#include "cameras/folder_splits.hpp"
#include "cameras/formats.hpp"
#include "recordings/containers.hpp"

namespace synfire {
namespace {

std::vector<std::string> container_names() {
    std::vector<std::string> names = {"any"};
    for (const Container& container : containers()) names.emplace_back(container.name);
    return names;
}

}  // namespace

CameraDataSet event_folders_data_set() {
    return {"event_folders",
            "recordings of your own: a folder a class, a file a recording, in any container that "
            "`synfire data info` knows; names that begin with a dot are passed over and counted. "
            "Ticks count from a recording's earliest event",
            joined(split_fields("train", "test"),
                   {choice("container", container_names(),
                           "of the recordings; any: each file's content tells")
                        .otherwise("any"),
                    integer("sensor_columns", "of the sensor, where recordings do not say")
                        .between(1, 65536),
                    integer("sensor_rows", "of the sensor, where recordings do not say")
                        .between(1, 65536)}),
            [](const InputRequest& request) { return list_splits(request, any_recording); },
            [](const nlohmann::json& json) {
                CameraTraits traits;
                const std::string container = json.at("container");
                if (container != "any") traits.container = container;
                if (json.contains("sensor_columns") != json.contains("sensor_rows"))
                    throw InputError(
                        "/input has one of \"sensor_columns\" and \"sensor_rows\"; both are "
                        "expected, or neither.");
                traits.columns = json.value("sensor_columns", 0u);
                traits.rows = json.value("sensor_rows", 0u);
                return traits;
            }};
}

}  // namespace synfire
