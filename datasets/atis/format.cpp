#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "atis/atis.hpp"
#include "base/problem.hpp"

namespace fs = std::filesystem;

namespace synfire {
namespace {

bool is_hidden(const fs::path& path) {
    return path.filename().string().starts_with('.');
}

bool is_recording(const fs::path& path) {
    const std::string kind = path.extension().string();
    return kind == ".bin" || kind == ".BIN";
}

// The folder's classes or, of a class, its recordings, in alphabetical order.
std::vector<fs::path> sorted_entries(const fs::path& folder, bool classes,
                                     PassedOver& passed_over) {
    std::error_code error;
    std::vector<fs::path> entries;
    for (const auto& entry : fs::directory_iterator(folder, error)) {
        const bool is_folder = entry.is_directory(error);
        if (!is_hidden(entry.path()) && is_folder == classes &&
            (classes || is_recording(entry.path()))) {
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

// Throws InputError where the folders of two splits are not of the same classes.
void require_same_classes(const std::string& train_folder, const AtisFolder& train,
                          const std::string& test_folder, const AtisFolder& test) {
    if (train.classes != test.classes)
        throw InputError(fmt::format(
            "{}: the classes {} of the training recordings are not the classes {} in {}; a class "
            "has a folder of the same name in both.",
            train_folder, names_of(train.classes), names_of(test.classes), test_folder));
}

void add(PassedOver& sum, const PassedOver& more) {
    sum.files += more.files;
    sum.folders += more.folders;
    sum.example = std::max(sum.example, more.example);
}

// Splits off the recordings that are for the test: of each class, every n-th.
void take_every(std::vector<AtisFile>& train, std::vector<AtisFile>& test, std::uint32_t n) {
    std::vector<AtisFile> kept;
    std::vector<std::uint32_t> seen;
    for (AtisFile& file : train) {
        seen.resize(std::max<std::size_t>(seen.size(), file.label + 1));
        (++seen[file.label] % n == 0 ? test : kept).push_back(std::move(file));
    }
    train = std::move(kept);
}

EventSet read(std::vector<AtisFile> files, const InputRequest& request, const AtisRequest& atis) {
    files.resize(std::min<std::size_t>(files.size(), request.limit));
    EventSet set;
    set.units = request.units;
    set.ticks = request.ticks;
    for (const AtisFile& file : files)
        add_atis(set, read_atis(file.path), file.label, atis, file.path);
    return set;
}

InputData load_atis(const InputRequest& request) {
    const nlohmann::json& json = *request.json;
    if (request.data_folder.empty())
        throw InputError(
            fmt::format("The experiment reads recordings from a folder {} of class folders; say "
                        "where it is with --data DIR.",
                        json.at("train").dump()));
    if (!request.shape || request.shape->channels != 2)
        throw InputError(
            "The atis format needs an input population with a \"shape\" of [2, rows, columns], a "
            "channel a polarity.");
    AtisRequest atis;
    atis.shape = *request.shape;
    atis.downsample = json.at("downsample");
    atis.binning = json.at("binning") == "count" ? AtisBinning::count : AtisBinning::time;
    atis.ticks = request.ticks;
    atis.dt_ms = request.dt_ms;
    auto folder = [&](const char* split) {
        return (fs::path(request.data_folder) / json.at(split).get<std::string>()).string();
    };
    AtisFolder train, test;
    const bool splits = json.contains("test_every");
    if (request.training || splits) train = list_atis(folder("train"));
    if (splits)
        take_every(train.recordings, test.recordings, json.at("test_every"));
    else
        test = list_atis(folder("test"));
    if (request.training && !splits)
        require_same_classes(folder("train"), train, folder("test"), test);
    InputData data;
    if (request.training) data.train = read(std::move(train.recordings), request, atis);
    data.test = read(std::move(test.recordings), request, atis);
    add(data.passed_over, train.passed_over);
    add(data.passed_over, test.passed_over);
    return data;
}

}  // namespace

AtisFolder list_atis(const std::string& folder) {
    if (!fs::is_directory(folder))
        throw InputError(fmt::format(
            "{}: there is no such folder; one with a folder for each class is expected.", folder));
    AtisFolder result;
    const std::vector<fs::path> classes = sorted_entries(folder, true, result.passed_over);
    if (classes.empty())
        throw InputError(
            fmt::format("{}: there are no folders in it; one for each class is expected.", folder));
    std::vector<std::vector<fs::path>> recordings;
    std::size_t most = 0;
    for (const fs::path& c : classes) {
        result.classes.push_back(c.filename().string());
        recordings.push_back(sorted_entries(c, false, result.passed_over));
        if (recordings.back().empty())
            throw InputError(fmt::format(
                "{}: the class has no recording; at least one .bin file is expected.", c.string()));
        most = std::max(most, recordings.back().size());
    }
    for (std::size_t k = 0; k < most; ++k)
        for (std::uint32_t label = 0; label < recordings.size(); ++label)
            if (k < recordings[label].size())
                result.recordings.push_back({recordings[label][k].string(), label});
    return result;
}

InputFormat atis_format() {
    return {
        "atis",
        "folders of ATIS recordings (.bin), one a class, as N-MNIST and N-Caltech101 have them; "
        "other files, and names that begin with a dot, are passed over and counted",
        {text("train", "folder of the training recordings' class folders, in the --data folder")
             .otherwise("Train"),
         text("test", "folder of the test recordings' class folders").otherwise("Test"),
         integer("test_every",
                 "takes every so many-th recording of each class of \"train\" for the test, in "
                 "place of the folder \"test\"")
             .between(2, 1e6),
         choice("binning", {"time", "count"},
                "an event's tick is its time / dt_ms, or a recording's events are cut into "
                "\"ticks\" parts of equal number")
             .otherwise("time"),
         integer("downsample", "rows and columns of the sensor that one of the population is")
             .otherwise(1)
             .between(1, 256)},
        &load_atis};
}

}  // namespace synfire
