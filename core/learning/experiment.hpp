// An experiment: one JSON file that says what network there is, what feeds it, how it is trained
// and what is recorded.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/record.hpp"
#include "experiment/description.hpp"
#include "json/json_part.hpp"
#include "learning/training_description.hpp"

namespace synfire {

class Document;
struct Form;
struct InputFormat;
struct InputRequest;

struct Experiment {
    std::string name;
    std::uint64_t seed = 1;
    NetworkDescription network;
    std::optional<std::uint32_t> input;  // population that samples feed
    const InputFormat* format = nullptr;
    std::uint32_t ticks = 0;  // of a sample
    std::uint64_t limit = UINT64_MAX;
    std::optional<TrainingDescription> training;
    RecordDescription record;
    JsonPart json;  // the whole document, completed with every default

    InputRequest input_request(const std::string& data_folder) const;
};

Form experiment_form(const PluginRegistry& plugins, const std::vector<InputFormat>& formats);

// Throws InputError with every problem of the document, those of plugins and of the input's format
// among them.
Experiment read_experiment(Document document, const PluginRegistry& plugins,
                           const std::vector<InputFormat>& formats);

}  // namespace synfire
