// How long a network runs and what it is shown: what run and profile do alike.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "cli/session.hpp"
#include "engine/simulation.hpp"
#include "json/json_part.hpp"

namespace synfire::cli {

// --ticks and --duration.
struct RunLength {
    std::optional<std::int64_t> ticks;
    std::string duration;

    void add(Arguments& arguments);
    // As the options say, or the length of the experiment's input. Throws InputError.
    std::int64_t ticks_of(const Experiment& experiment) const;
};

// --sample: the number of a recording.
void add_sample(Arguments& arguments, std::optional<std::uint64_t>& sample, const char* doc);

// One recording of the test split as the engine's input.
struct OpenedRecording {
    std::unique_ptr<InputStream> stream;  // null where the experiment has no input
    JsonPart summary;                     // entries about what was read
};

// The first if none is named. The experiment's training is dropped. Throws InputError.
OpenedRecording open_recording(const Options& options, std::optional<std::uint64_t> sample,
                               Experiment& experiment);

}  // namespace synfire::cli
