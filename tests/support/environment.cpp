#include "support/environment.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

namespace synfire::testing {
namespace fs = std::filesystem;
namespace {

std::string folder(const char* variable, const char* name) {
    const char* given = std::getenv(variable);
    const fs::path path =
        given && *given ? fs::path(given) : fs::path(SYNFIRE_SOURCE_DIR) / ".." / "shared" / name;
    return fs::is_directory(path) ? path.lexically_normal().string() : "";
}

}  // namespace

std::string oracle_folder() {
    return folder("SYNFIRE_ORACLE", "oracle");
}

std::string data_folder() {
    return folder("SYNFIRE_DATA", "data");
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
