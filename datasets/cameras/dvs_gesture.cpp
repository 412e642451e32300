// DVS Gesture (Amir et al. 2017): a recording holds a person's gestures one after another, which a
// list of rows "class,start,end" cuts into trials; two lists of recordings are the official split.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>

#include "base/lfs_pointer.hpp"
#include "base/printable.hpp"
#include "base/problem.hpp"
#include "cameras/folder_splits.hpp"
#include "cameras/formats.hpp"

namespace synfire {
namespace {

namespace fs = std::filesystem;

constexpr std::uint32_t gesture_classes = 11;
constexpr std::size_t longest_list_line = 200;

// Lines without what surrounds them and without empty ones; with their numbers.
std::vector<std::pair<int, std::string>> list_lines(const std::string& path) {
    if (!fs::is_regular_file(path))
        throw InputError(fmt::format("{}: there is no such file.", path));
    if (is_lfs_pointer(path)) throw InputError(lfs_pointer_message(path));
    std::ifstream file(path, std::ios::binary);
    std::vector<std::pair<int, std::string>> lines;
    std::string line;
    for (int number = 1; std::getline(file, line); ++number) {
        if (line.size() > longest_list_line)
            throw InputError({{"",
                               fmt::format("The line has {} bytes; at most {} are expected.",
                                           line.size(), longest_list_line),
                               path, number}});
        const std::size_t begin = line.find_first_not_of(" \t\r");
        if (begin == line.npos) continue;
        lines.emplace_back(number, line.substr(begin, line.find_last_not_of(" \t\r") + 1 - begin));
    }
    if (file.bad()) throw InputError(fmt::format("{}: the file cannot be read.", path));
    return lines;
}

// "class,start,end", whole numbers.
std::optional<std::array<std::int64_t, 3>> trial_of(std::string_view line) {
    std::array<std::int64_t, 3> row{};
    for (std::size_t k = 0; k < 3; ++k) {
        const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), row[k]);
        if (error != std::errc{}) return std::nullopt;
        line.remove_prefix(static_cast<std::size_t>(end - line.data()));
        if (k < 2) {
            if (line.empty() || line[0] != ',') return std::nullopt;
            line.remove_prefix(1);
        }
    }
    if (!line.empty()) return std::nullopt;
    return row;
}

struct Labels {
    std::vector<RecordingPlace> trials;
    std::uint64_t overlapping = 0, missing = 0, repeated = 0;
};

// first_only: of several rows of a class, takes the first.
Labels read_labels_of(const std::string& recording, bool first_only) {
    const std::string path = recording.substr(0, recording.size() - 6) + "_labels.csv";
    Labels labels;
    std::array<bool, gesture_classes> seen{};
    bool header = true;
    for (const auto& [number, line] : list_lines(path)) {
        if (header && line.starts_with("class")) {
            header = false;
            continue;
        }
        header = false;
        const auto row = trial_of(line);
        if (!row || (*row)[0] < 1 || (*row)[0] > gesture_classes || (*row)[1] < 0 ||
            (*row)[1] >= (*row)[2])
            throw InputError(
                {{"",
                  fmt::format("'{}' is no trial; 'class,startTime_usec,endTime_usec' is expected, "
                              "with a class from 1 to {} and a start before the end.",
                              printable(line), gesture_classes),
                  path, number}});
        const auto label = static_cast<std::uint32_t>((*row)[0] - 1);
        labels.repeated += seen[label];
        if (first_only && seen[label]) continue;
        seen[label] = true;
        for (const RecordingPlace& other : labels.trials)
            labels.overlapping +=
                (*row)[1] < other.trial_us->second && other.trial_us->first < (*row)[2];
        labels.trials.push_back({recording, label, std::pair((*row)[1], (*row)[2])});
    }
    labels.missing = static_cast<std::uint64_t>(std::ranges::count(seen, false));
    return labels;
}

Listing list_gestures(const std::string& folder, bool training, bool first_only) {
    Listing listing;
    for (std::uint32_t c = 1; c <= gesture_classes; ++c)
        listing.classes.push_back(std::to_string(c));
    if (fs::is_regular_file(folder + "/gesture_mapping.csv"))
        for (const auto& [number, line] : list_lines(folder + "/gesture_mapping.csv")) {
            const std::size_t comma = line.find(',');
            if (comma == line.npos) continue;
            const int c = std::atoi(line.c_str() + comma + 1);
            const std::string name = line.substr(0, line.find_last_not_of(' ', comma - 1) + 1);
            if (c >= 1 && c <= static_cast<int>(gesture_classes))
                listing.classes[static_cast<std::size_t>(c) - 1] = name;
        }
    std::uint64_t overlapping = 0, missing = 0, repeated = 0;
    std::map<std::string, const char*> listed;  // by which list
    auto split = [&](const char* list, std::vector<RecordingPlace>& places) {
        const std::string path = folder + "/" + list;
        for (const auto& [number, name] : list_lines(path)) {
            const std::string recording = folder + "/" + name;
            if (!name.ends_with(".aedat") || name.find('/') != name.npos)
                throw InputError({{"",
                                   fmt::format("'{}' is no recording; the name of an .aedat file "
                                               "is expected.",
                                               printable(name)),
                                   path, number}});
            if (!fs::is_regular_file(recording))
                throw InputError(
                    {{"", fmt::format("There is no recording '{}' in the folder.", printable(name)),
                      path, number}});
            if (const auto before = listed.find(name); before != listed.end())
                throw InputError({{"",
                                   fmt::format("'{}' is listed already, in {}; a recording is for "
                                               "training or for the test, and once.",
                                               printable(name), before->second),
                                   path, number}});
            listed[name] = list;
            Labels labels = read_labels_of(recording, first_only);
            overlapping += labels.overlapping;
            missing += labels.missing;
            repeated += labels.repeated;
            places.insert(places.end(), labels.trials.begin(), labels.trials.end());
        }
        if (places.empty()) throw InputError(fmt::format("{}: the list names no recording.", path));
    };
    if (training) split("trials_to_train.txt", listing.train);
    split("trials_to_test.txt", listing.test);
    if (missing + repeated + overlapping > 0)
        listing.notes.push_back(fmt::format(
            "label files: {} classes have no row in a recording, {} rows are of a class that had "
            "one already{}, {} pairs of rows overlap, whose events belong to both.",
            missing, repeated, first_only ? " and are left out" : "", overlapping));
    return listing;
}

RecordingPlace trial_place(const std::string& recording, std::uint32_t number, bool first_only) {
    if (!recording.ends_with(".aedat"))
        throw InputError(
            fmt::format("{}: recordings of DVS Gesture have names that end in .aedat, beside their "
                        "label files.",
                        recording));
    const Labels labels = read_labels_of(recording, first_only);
    if (number > labels.trials.size())
        throw InputError(
            fmt::format("{}: trial {} is asked for; the recording's label file has trials 1 to {}.",
                        recording, number, labels.trials.size()));
    return labels.trials[number - 1];
}

}  // namespace

CameraDataSet dvs_gesture_data_set() {
    return {"dvs_gesture",
            "DVS Gesture (Amir et al. 2017) as it is unpacked: DvsGesture, with recordings, label "
            "files and the official lists of both splits; 128 x 128 pixels. Ticks count from a "
            "trial's beginning",
            {choice("rows", {"all", "first"},
                    "of several rows of a class in a recording's label file: all of them "
                    "(1,176 and 288 trials) or the first (1,077 and 264)")
                 .otherwise("all")},
            [](const InputRequest& request) {
                const std::string folder =
                    folder_or_inner(data_folder(request, "DVS Gesture"), "DvsGesture");
                return list_gestures(folder, request.training, request.json->at("rows") == "first");
            },
            [](const nlohmann::json&) {
                CameraTraits traits;
                traits.container = "aedat3";
                traits.columns = traits.rows = 128;
                return traits;
            },
            [](const nlohmann::json& input, const std::string& recording, std::uint32_t number) {
                return trial_place(recording, number, input.at("rows") == "first");
            }};
}

}  // namespace synfire
