#include "cameras/data_set.hpp"

#include <algorithm>
#include <filesystem>

#include "base/fingerprint.hpp"
#include "cameras/folder_splits.hpp"
#include "cameras/formats.hpp"
#include "cameras/sampling.hpp"

namespace synfire {

const std::vector<CameraDataSet>& camera_data_sets() {
    static const std::vector<CameraDataSet> sets = {
        atis_data_set(),        nmnist_data_set(),       ncaltech101_data_set(),
        cifar10_dvs_data_set(), dvs_gesture_data_set(),  ncars_data_set(),
        asl_dvs_data_set(),     event_folders_data_set()};
    return sets;
}

const CameraDataSet* find_camera_data_set(const std::string& name) {
    const auto found = std::ranges::find(camera_data_sets(), name, &CameraDataSet::name);
    return found == camera_data_sets().end() ? nullptr : &*found;
}

InputFormat as_format(const CameraDataSet& set) {
    return {set.name, set.doc, joined(set.fields, sampling_fields()),
            [list = set.list, traits = set.traits](const InputRequest& request) {
                return read_listing(list(request), traits(*request.json), request);
            }};
}

std::uint64_t fingerprint(const Listing& listing) {
    Fingerprint sum;
    for (const auto* split : {&listing.train, &listing.test}) {
        sum.add(static_cast<std::uint32_t>(split->size()));
        for (const RecordingPlace& place : *split) {
            sum.add(std::string_view(std::filesystem::path(place.path).filename().string()));
            sum.add(place.label);
            if (!place.trial_us) continue;
            sum.add(std::to_string(place.trial_us->first));
            sum.add(std::to_string(place.trial_us->second));
        }
    }
    return sum.value();
}

}  // namespace synfire
