// Folders of ATIS recordings (.bin): N-MNIST, N-Caltech101 and others of that layout.
#include "cameras/folder_splits.hpp"
#include "cameras/formats.hpp"

namespace synfire {
namespace {

constexpr FileKind bin_files = {[](std::string_view name, const std::string&) {
                                    return name.ends_with(".bin") || name.ends_with(".BIN");
                                },
                                ".bin file"};

CameraTraits atis_traits(std::uint32_t columns, std::uint32_t rows) {
    CameraTraits traits;
    traits.container = "atis";
    traits.columns = columns;
    traits.rows = rows;
    traits.from_zero = true;
    return traits;
}

}  // namespace

CameraDataSet atis_data_set() {
    return {"atis",
            "folders of ATIS recordings (.bin), one a class, of a sensor that is as large as the "
            "population's map where nothing else is said; other files, and names that begin with a "
            "dot, are passed over and counted. Ticks count from the beginning of the file's clock",
            split_fields("Train", "Test"),
            [](const InputRequest& request) { return list_splits(request, bin_files); },
            [](const nlohmann::json&) { return atis_traits(0, 0); }};
}

CameraDataSet nmnist_data_set() {
    return {"nmnist",
            "N-MNIST (Orchard et al. 2015) as it is unpacked: Train and Test, a folder a digit; 34 "
            "x 34 pixels. Ticks count from the beginning of the file's clock",
            split_fields("Train", "Test"),
            [](const InputRequest& request) { return list_splits(request, bin_files); },
            [](const nlohmann::json&) { return atis_traits(34, 34); }};
}

CameraDataSet ncaltech101_data_set() {
    return {"ncaltech101",
            "N-Caltech101 (Orchard et al. 2015) as it is unpacked: Caltech101, a folder a class; "
            "240 x 180 pixels. There is no official split: every tenth recording of a class, in "
            "alphabetical order, is for the test",
            {integer("test_every", "every so many-th recording of a class is for the test")
                 .otherwise(10)
                 .between(2, 1e6)},
            [](const InputRequest& request) {
                const std::string folder =
                    folder_or_inner(data_folder(request, "N-Caltech101"), "Caltech101");
                return list_one_folder(folder, request.json->at("test_every"), bin_files);
            },
            [](const nlohmann::json&) { return atis_traits(240, 180); }};
}

}  // namespace synfire
