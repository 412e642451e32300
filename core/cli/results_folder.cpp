#include "cli/results_folder.hpp"

#include <fmt/format.h>
#include <fnmatch.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "base/atomic_file.hpp"
#include "base/note.hpp"
#include "base/output_file.hpp"
#include "base/problem.hpp"
#include "cli/command.hpp"

namespace synfire::cli {

namespace fs = std::filesystem;

namespace {

// A folder of that name is there afterwards. Throws InputError.
void make_folder(const std::string& path) {
    std::error_code error;
    fs::create_directories(path, error);
    if (!error && fs::is_directory(path, error)) return;
    throw InputError(
        fmt::format("{}: the folder cannot be made ({}); a folder that can be written to is "
                    "expected.",
                    path, error ? error.message() : "a file has its name"));
}

// create_directory says whether it made the folder, so two runs never share one.
std::string make_numbered(const std::string& stem) {
    for (int number = 1;; ++number) {
        std::string path = fmt::format("{}-{}", stem, number);
        std::error_code error;
        if (fs::create_directory(path, error)) return path;
        if (error && error != std::errc::file_exists)
            throw InputError(
                fmt::format("{}: the folder cannot be made ({}); a folder that can be written to "
                            "is expected.",
                            path, error.message()));
    }
}

FileLock lock_of(const std::string& folder) {
    auto lock = FileLock::try_take(folder + "/.lock", FileLock::Kind::exclusive);
    if (!lock)
        throw InputError(fmt::format(
            "{}: another program is writing to this folder; name another with --out, or wait.",
            folder));
    return std::move(*lock);
}

}  // namespace

ResultsFolder::ResultsFolder(std::string path) : path_(std::move(path)), lock_(lock_of(path_)) {
    remove_leftovers(path_);
}

ResultsFolder ResultsFolder::open(const std::string& wanted, const std::string& name) {
    if (wanted.empty()) {
        make_folder("runs");
        return ResultsFolder(make_numbered("runs/" + name));
    }
    make_folder(wanted);
    return ResultsFolder(wanted);
}

ResultsFolder ResultsFolder::open_existing(const std::string& path) {
    std::error_code error;
    if (!fs::is_directory(path, error))
        throw InputError(
            fmt::format("{}: there is no such folder; one that `synfire train` wrote "
                        "is expected.",
                        path));
    return ResultsFolder(path);
}

bool ResultsFolder::is(const std::string& other) const {
    std::error_code error;
    return fs::equivalent(path_, other, error);
}

void ResultsFolder::set_aside(const std::vector<std::string>& patterns) const {
    std::vector<fs::path> found;
    std::error_code error;
    fs::directory_iterator at(path_, error);
    for (; !error && at != fs::directory_iterator(); at.increment(error)) {
        const fs::directory_entry& entry = *at;
        const std::string name = entry.path().filename().string();
        std::error_code ignored;
        if (entry.is_directory(ignored)) continue;
        if (std::ranges::any_of(patterns, [&](const std::string& pattern) {
                return ::fnmatch(pattern.c_str(), name.c_str(), FNM_PERIOD) == 0;
            }))
            found.push_back(entry.path());
    }
    if (error)
        throw std::runtime_error(
            fmt::format("{}: the folder cannot be read ({}).", path_, error.message()));
    if (found.empty()) return;
    const fs::path place = make_numbered(path_ + "/previous");
    for (const fs::path& file : found) {
        std::error_code error;
        fs::rename(file, place / file.filename(), error);
        if (error)
            throw std::runtime_error(fmt::format("{}: cannot be moved to {} ({}).", file.string(),
                                                 place.string(), error.message()));
    }
    note(fmt::format("note: the results that were in {} are now in {}", path_, place.string()));
}

void write_json_file(const std::string& path, const nlohmann::json& value) {
    replace_file(path, [&](const std::string& temporary) {
        OutputFile out(temporary);
        out.write(json_text(value) + "\n");
        out.close();
    });
}

}  // namespace synfire::cli
