// CIFAR10-DVS (Li et al. 2017): images of CIFAR-10 moved in front of a DVS128, which stood on its
// side, so that rows and columns change places.
#include <fmt/format.h>

#include <charconv>
#include <filesystem>

#include "base/problem.hpp"
#include "cameras/folder_splits.hpp"
#include "cameras/formats.hpp"

namespace synfire {
namespace {

constexpr FileKind aedat_files = {[](std::string_view name, const std::string&) {
                                      return name.starts_with("cifar10_") &&
                                             name.ends_with(".aedat");
                                  },
                                  "file cifar10_..._N.aedat"};
constexpr std::uint32_t test_numbers = 100;  // 0 to 99 of each class

// N of cifar10_CLASS_N.aedat.
std::uint32_t number_of_recording(const std::string& path) {
    const std::string stem = std::filesystem::path(path).stem().string();
    const std::string text = stem.substr(stem.rfind('_') + 1);
    std::uint32_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size())
        throw InputError(fmt::format(
            "{}: recordings of CIFAR10-DVS are named cifar10_CLASS_N.aedat, with a number N.",
            path));
    return number;
}

}  // namespace

CameraDataSet cifar10_dvs_data_set() {
    return {"cifar10_dvs",
            "CIFAR10-DVS (Li et al. 2017) as it is unpacked: a folder a class of "
            "cifar10_CLASS_N.aedat; 128 x 128 pixels, turned upright. Numbers 0 to 99 of each "
            "class are for the test, as is common",
            {},
            [](const InputRequest& request) {
                ClassFolders all =
                    list_class_folders(data_folder(request, "CIFAR10-DVS"), aedat_files);
                Listing listing;
                listing.classes = std::move(all.classes);
                listing.passed_over = std::move(all.passed_over);
                for (RecordingPlace& place : all.recordings)
                    (number_of_recording(place.path) < test_numbers ? listing.test : listing.train)
                        .push_back(std::move(place));
                return listing;
            },
            [](const nlohmann::json&) {
                CameraTraits traits;
                traits.container = "aedat2";
                traits.transposed = true;
                return traits;
            }};
}

}  // namespace synfire
