#include "cameras/folder_splits.hpp"

#include <fmt/format.h>

#include <filesystem>

#include "base/problem.hpp"

namespace fs = std::filesystem;

namespace synfire {

std::string data_folder(const InputRequest& request, std::string_view what) {
    if (request.data_folder.empty())
        throw InputError(fmt::format(
            "The experiment reads recordings from {}; say where it is with --data DIR.", what));
    return request.data_folder;
}

std::string folder_or_inner(const std::string& folder, std::string_view name) {
    const fs::path inner = fs::path(folder) / name;
    return fs::is_directory(inner) ? inner.string() : folder;
}

std::vector<Field> split_fields(const char* train, const char* test) {
    return {text("train", "folder of the training recordings' class folders, in the --data folder")
                .otherwise(train),
            text("test", "folder of the test recordings' class folders").otherwise(test),
            integer("test_every",
                    "takes every so many-th recording of each class of \"train\" for the test, in "
                    "place of the folder \"test\"")
                .between(2, 1e6)};
}

Listing list_splits(const InputRequest& request, const FileKind& kind) {
    const nlohmann::json& json = *request.json;
    const fs::path root =
        data_folder(request, fmt::format("a folder {} of class folders", json.at("train").dump()));
    auto folder = [&](const char* split) {
        return (root / json.at(split).get<std::string>()).string();
    };
    if (json.contains("test_every")) {
        Listing listing = list_one_folder(folder("train"), json.at("test_every"), kind);
        if (json.at("test") != json.at("train") && fs::exists(folder("test")))
            listing.notes.push_back(fmt::format(
                "the test is every so many-th recording of {}, as /input/test_every says; the "
                "folder {} is not read.",
                json.at("train").dump(), json.at("test").dump()));
        return listing;
    }
    return list_two_folders(folder("train"), folder("test"), request.training, kind);
}

Listing list_one_folder(const std::string& folder, std::uint32_t test_every, const FileKind& kind) {
    ClassFolders all = list_class_folders(folder, kind);
    Listing listing;
    listing.classes = std::move(all.classes);
    listing.passed_over = std::move(all.passed_over);
    split_every(listing, std::move(all.recordings), test_every);
    return listing;
}

Listing list_two_folders(const std::string& train, const std::string& test, bool training,
                         const FileKind& kind) {
    ClassFolders of_train;
    if (training) of_train = list_class_folders(train, kind);
    ClassFolders of_test = list_class_folders(test, kind);
    if (training) return listing_of(std::move(of_train), train, std::move(of_test), test);
    Listing listing;
    listing.classes = std::move(of_test.classes);
    listing.test = std::move(of_test.recordings);
    listing.passed_over = std::move(of_test.passed_over);
    return listing;
}

std::vector<Field> joined(std::vector<Field> first, std::vector<Field> second) {
    for (Field& field : second) first.push_back(std::move(field));
    return first;
}

}  // namespace synfire
