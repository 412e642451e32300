#include "cli/results_folder.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "base/atomic_file.hpp"
#include "base/problem.hpp"

namespace synfire::cli {

namespace fs = std::filesystem;

std::string results_folder(const std::string& wanted, const std::string& name) {
    std::string folder = wanted;
    std::error_code error;
    if (folder.empty()) {
        // create_directory says whether it made the folder, so two runs never share one.
        fs::create_directories("runs", error);
        for (int number = 1; !error; ++number) {
            folder = fmt::format("runs/{}-{}", name, number);
            if (fs::create_directory(folder, error)) return folder;
        }
    } else {
        fs::create_directories(folder, error);
    }
    if (error || !fs::is_directory(folder))
        throw InputError(
            fmt::format("{}: the folder cannot be made ({}); --out takes a folder that "
                        "can be written to.",
                        folder, error ? error.message() : "a file has its name"));
    return folder;
}

void write_json_file(const std::string& path, const nlohmann::json& value) {
    replace_file(path, [&](const std::string& temporary) {
        std::ofstream out(temporary);
        out << value.dump(2) << "\n";
        out.close();
        if (!out) throw std::runtime_error(fmt::format("{}: cannot be written.", path));
    });
}

std::string set_aside(const std::string& folder, const std::vector<std::string>& files) {
    std::string place;
    for (const std::string& file : files) {
        const fs::path path = fs::path(folder) / file;
        if (!fs::exists(path)) continue;
        for (int number = 1; place.empty(); ++number) {
            const std::string candidate = fmt::format("{}/previous-{}", folder, number);
            if (fs::create_directory(candidate)) place = candidate;
        }
        fs::rename(path, fs::path(place) / file);
    }
    return place;
}

}  // namespace synfire::cli
