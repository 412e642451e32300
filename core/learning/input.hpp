// Where samples come from: the interface that the formats in datasets/ implement.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "json/form.hpp"
#include "json/json_part.hpp"
#include "kernels/map_shape.hpp"
#include "learning/event_set.hpp"

namespace synfire {

// Told now and then how many of how many recordings of a split have been read.
using ReadingProgress = std::function<void(std::uint64_t done, std::uint64_t of)>;

// What a format needs to know to read its recordings into ticks.
struct InputRequest {
    JsonPart json;                  // the experiment's "input" object, completed
    std::string data_folder;        // --data, or ""
    std::uint32_t units = 0;        // size of the input population
    std::optional<MapShape> shape;  // of the input population
    std::uint32_t ticks = 0;
    double dt_ms = 1;
    std::uint64_t limit = UINT64_MAX;  // recordings of each split
    bool training = true;              // whether the training split is asked for
    ReadingProgress progress = {};     // may be empty
};

// What a reader found among the recordings and did not read.
struct PassedOver {
    std::uint64_t files = 0, folders = 0;
    std::string example;  // one of them
};

struct InputData {
    EventSet train, test;
    std::vector<std::string> classes = {};  // names of the labels from 0 on; none: not known
    PassedOver passed_over = {};
    std::vector<std::string> notes = {};  // what a user should know, a sentence each

    LeftOut left_out() const {
        LeftOut all = train.left_out;
        return all += test.left_out;
    }
};

// What a format's recordings are compared with.
struct TargetsGiven {
    bool classes = true;
    bool flow = false;    // true displacement by pixel, with a mask (learning/target.hpp)
    bool frames = false;  // grey pictures
};

// A format as the JSON names it.
struct InputFormat {
    std::string name;
    std::string doc;
    std::vector<Field> fields;  // beside those of every input
    // Throws InputError.
    std::function<InputData(const InputRequest& request)> load;
    // What the "input" object itself may say wrongly beyond its form; null where that is nothing.
    // Reads no recordings. units: of the population. Adds problems with pointers below `pointer`.
    void (*check)(const nlohmann::json& input, std::uint32_t units, std::uint32_t ticks,
                  const std::string& pointer, Problems& problems) = nullptr;
    TargetsGiven targets = {};
};

}  // namespace synfire
