// ASL-DVS (Bi et al. 2019): 24 letters of American sign language in front of a DAVIS240, whose rows
// count from below.
#include "cameras/folder_splits.hpp"
#include "cameras/formats.hpp"

namespace synfire {
namespace {

constexpr FileKind mat_files = {
    [](std::string_view name, const std::string&) { return name.ends_with(".mat"); },
    "file LETTER_NNNN.mat"};

}  // namespace

CameraDataSet asl_dvs_data_set() {
    return {
        "asl_dvs",
        "ASL-DVS (Bi et al. 2019) as it is unpacked: a folder a letter (24, without j and z) of "
        ".mat files; 240 x 180 pixels. There is no official split: every fifth recording of a "
        "letter, in alphabetical order, is for the test",
        {integer("test_every", "every so many-th recording of a class is for the test")
             .otherwise(5)
             .between(2, 1e6)},
        [](const InputRequest& request) {
            return list_one_folder(data_folder(request, "ASL-DVS"), request.json->at("test_every"),
                                   mat_files);
        },
        [](const nlohmann::json&) {
            CameraTraits traits;
            traits.container = "mat";
            traits.columns = 240;
            traits.rows = 180;
            traits.upward = true;
            return traits;
        }};
}

}  // namespace synfire
