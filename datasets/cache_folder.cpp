#include "cache_folder.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>

namespace synfire {
namespace fs = std::filesystem;

std::string cache_folder() {
    if (const char* cache = std::getenv("XDG_CACHE_HOME"); cache && *cache)
        return std::string(cache) + "/synfire";
    if (const char* home = std::getenv("HOME"); home && *home)
        return std::string(home) + "/.cache/synfire";
    return fmt::format("{}/synfire-{}", fs::temp_directory_path().string(), ::getuid());
}

void remove_unused(std::string_view beginning, std::string_view ending) {
    const auto oldest = fs::file_time_type::clock::now() - std::chrono::days(30);
    std::error_code error;
    for (fs::directory_iterator at(cache_folder(), error), end; !error && at != end;
         at.increment(error)) {
        const std::string name = at->path().filename().string();
        std::error_code ignored;
        if (name.starts_with(beginning) && name.ends_with(ending) &&
            at->last_write_time(ignored) < oldest && !ignored)
            fs::remove(at->path(), ignored);
    }
}

void mark_used(const std::string& path) {
    std::error_code ignored;
    fs::last_write_time(path, fs::file_time_type::clock::now(), ignored);
}

}  // namespace synfire
