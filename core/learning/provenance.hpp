// What a training rests on besides its experiment: its recordings, and the plugins that it runs, as
// names, versions and fingerprints. A training goes on bit by bit only from the same.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "json/json_part.hpp"
#include "learning/experiment.hpp"

namespace synfire {

struct InputData;

// {"recordings": {"train": {"count", "events", "fingerprint"}, "test": ..., "classes": [names]},
//  "plugins": [{"kind", "id", "version", "library", "fingerprint"}, ...]}, plugins by kind and id.
// The fingerprint of a plugin is that of its library's file.
JsonPart provenance(const Experiment& experiment, const InputData& data);

// Whether a file's JSON has that form.
bool is_provenance(const nlohmann::json& saved);

// Throws InputError where a training, whose file `path` says what it rests on, cannot go on with
// what is there now: other recordings, or another version of a plugin. Returns sentences about what
// may differ or is not known. saved: of the form, or null where the file does not say.
std::vector<std::string> require_same_provenance(const std::string& path,
                                                 const nlohmann::json& saved,
                                                 const nlohmann::json& now);

// Throws InputError where labels mean other classes than in the training that `saved` tells of.
void require_same_classes(const std::string& path, const nlohmann::json& saved,
                          const InputData& data);

// Where only the weights of such a training are used: sentences about plugins of other versions, or
// from other files, than those that it had.
std::vector<std::string> notes_of_plugins(const std::string& path, const nlohmann::json& saved,
                                          const Experiment& experiment);

}  // namespace synfire
