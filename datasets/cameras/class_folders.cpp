#include "cameras/class_folders.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "base/problem.hpp"
#include "recordings/containers.hpp"

namespace fs = std::filesystem;

namespace synfire {
namespace {

// The folder's classes or, of a class, its recordings, in alphabetical order.
std::vector<fs::path> sorted_entries(const fs::path& folder, bool classes, const FileKind& kind,
                                     PassedOver& passed_over) {
    std::error_code error;
    std::vector<fs::path> entries;
    for (const auto& entry : fs::directory_iterator(folder, error)) {
        const bool is_folder = entry.is_directory(error);
        const std::string name = entry.path().filename().string();
        if (!name.starts_with('.') && is_folder == classes &&
            (classes || kind.wanted(name, entry.path().string()))) {
            entries.push_back(entry.path());
        } else {
            ++(is_folder ? passed_over.folders : passed_over.files);
            passed_over.example = std::max(passed_over.example, entry.path().string());
        }
    }
    if (error)
        throw InputError(
            fmt::format("{}: the folder cannot be read ({}).", folder.string(), error.message()));
    std::ranges::sort(entries);
    return entries;
}

std::string names_of(const std::vector<std::string>& classes) {
    std::string names;
    for (const std::string& c : classes) names += (names.empty() ? "'" : ", '") + c + "'";
    return names;
}

}  // namespace

const FileKind any_recording = {[](std::string_view name, const std::string& path) {
                                    return !is_foreign(name) || is_recording(path);
                                },
                                "recording"};

ClassFolders list_class_folders(const std::string& folder, const FileKind& kind) {
    if (!fs::is_directory(folder))
        throw InputError(fmt::format(
            "{}: there is no such folder; one with a folder for each class is expected.", folder));
    ClassFolders result;
    const std::vector<fs::path> classes = sorted_entries(folder, true, kind, result.passed_over);
    if (classes.empty())
        throw InputError(
            fmt::format("{}: there are no folders in it; one for each class is expected.", folder));
    std::vector<std::vector<fs::path>> recordings;
    std::size_t most = 0;
    for (const fs::path& c : classes) {
        result.classes.push_back(c.filename().string());
        recordings.push_back(sorted_entries(c, false, kind, result.passed_over));
        if (recordings.back().empty())
            throw InputError(
                fmt::format("{}: the class has no recording; at least one {} is "
                            "expected.",
                            c.string(), kind.expected));
        most = std::max(most, recordings.back().size());
    }
    for (std::size_t k = 0; k < most; ++k)
        for (std::uint32_t label = 0; label < recordings.size(); ++label)
            if (k < recordings[label].size())
                result.recordings.push_back({recordings[label][k].string(), label});
    return result;
}

void split_every(Listing& listing, std::vector<RecordingPlace> recordings, std::uint32_t n) {
    std::vector<std::uint32_t> seen(listing.classes.size());
    for (RecordingPlace& place : recordings)
        (++seen[place.label] % n == 0 ? listing.test : listing.train).push_back(std::move(place));
}

Listing listing_of(ClassFolders train, const std::string& train_folder, ClassFolders test,
                   const std::string& test_folder) {
    if (train.classes != test.classes)
        throw InputError(fmt::format(
            "{}: the classes {} of the training recordings are not the classes {} in {}; a class "
            "has a folder of the same name in both.",
            train_folder, names_of(train.classes), names_of(test.classes), test_folder));
    Listing listing;
    listing.classes = std::move(train.classes);
    listing.train = std::move(train.recordings);
    listing.test = std::move(test.recordings);
    listing.passed_over = train.passed_over;
    listing.passed_over.files += test.passed_over.files;
    listing.passed_over.folders += test.passed_over.folders;
    listing.passed_over.example = std::max(train.passed_over.example, test.passed_over.example);
    return listing;
}

}  // namespace synfire
