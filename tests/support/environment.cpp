#include "support/environment.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <sstream>
#include <stdexcept>

namespace synfire::testing {
namespace fs = std::filesystem;

std::string text_variable(const char* name) {
    const char* const given = std::getenv(name);
    return given ? given : "";
}

std::vector<std::string> oracle_folders() {
    const std::string given = text_variable("SYNFIRE_ORACLE");
    const bool named = !given.empty();
    std::istringstream list(named ? given : "../shared/oracle:../shared/oracle-simulation");
    std::vector<std::string> folders;
    for (std::string name; std::getline(list, name, ':');) {
        const fs::path path = (fs::path(SYNFIRE_SOURCE_DIR) / name).lexically_normal();
        if (fs::is_directory(path))
            folders.push_back(path.string());
        else if (named)
            throw std::runtime_error(fmt::format("SYNFIRE_ORACLE: '{}' is no folder", name));
    }
    return folders;
}

std::string data_folder() {
    const std::string given = text_variable("SYNFIRE_DATA");
    const fs::path path =
        given.empty() ? fs::path(SYNFIRE_SOURCE_DIR) / ".." / "shared" / "data" : fs::path(given);
    return fs::is_directory(path) ? path.lexically_normal().string() : "";
}

const PluginRegistry& plugins() {
    static const PluginRegistry registry({SYNFIRE_PLUGIN_FOLDER});
    return registry;
}

std::string scratch_folder() {
    struct Root {
        fs::path path = fs::temp_directory_path() / fmt::format("synfire-test-{}", ::getpid());
        ~Root() {
            std::error_code ignored;
            fs::remove_all(path, ignored);
        }
    };
    static Root root;
    static int number = 0;
    const fs::path path = root.path / fmt::format("{}", number++);
    fs::create_directories(path);
    return path.string();
}

}  // namespace synfire::testing
