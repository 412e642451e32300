// What a data set of event cameras is to the rest of the program: which recordings it lists, and
// what holds for all of them. The input format of its name is made from that.
#pragma once

#include <string>
#include <vector>

#include "cameras/listing.hpp"
#include "cameras/reading.hpp"
#include "json/form.hpp"
#include "learning/input.hpp"

namespace synfire {

struct CameraDataSet {
    std::string name, doc;
    std::vector<Field> fields;  // in the experiment's "input", beside those of the sampling
    // Throws InputError where --data is not such a folder.
    Listing (*list)(const InputRequest& request);
    CameraTraits (*traits)(const nlohmann::json& input);
    // The trial of that number, from 1, of those that are made of a recording. Throws InputError.
    // Null where a recording is one trial.
    RecordingPlace (*trial)(const nlohmann::json& input, const std::string& recording,
                            std::uint32_t number) = nullptr;
};

const std::vector<CameraDataSet>& camera_data_sets();
// The one of that name, or null.
const CameraDataSet* find_camera_data_set(const std::string& name);

// The data set as experiments name it.
InputFormat as_format(const CameraDataSet& set);

// Of every recording's file name, label, split and trial, in order: equal for equal splits,
// wherever the folder lies.
std::uint64_t fingerprint(const Listing& listing);

}  // namespace synfire
