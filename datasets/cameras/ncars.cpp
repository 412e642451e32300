// N-CARS (Sironi et al. 2018): cars and backgrounds cut out of what a moving car's camera saw.
#include "cameras/folder_splits.hpp"
#include "cameras/formats.hpp"

namespace synfire {
namespace {

constexpr FileKind dat_files = {
    [](std::string_view name, const std::string&) { return name.ends_with("_td.dat"); },
    "file obj_..._td.dat"};

}  // namespace

CameraDataSet ncars_data_set() {
    return {"ncars",
            "N-CARS (Sironi et al. 2018) as it is unpacked: n-cars_train and n-cars_test, each "
            "with background (class 0) and cars (1); pieces of up to 120 x 100 pixels",
            {},
            [](const InputRequest& request) {
                const std::string folder = data_folder(request, "N-CARS");
                return list_two_folders(folder + "/n-cars_train", folder + "/n-cars_test",
                                        request.training, dat_files);
            },
            [](const nlohmann::json&) {
                CameraTraits traits;
                traits.container = "dat";
                traits.columns = 120;
                traits.rows = 100;
                return traits;
            }};
}

}  // namespace synfire
