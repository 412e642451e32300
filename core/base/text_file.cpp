#include "base/text_file.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/lfs_pointer.hpp"
#include "base/problem.hpp"

namespace synfire {

std::string read_text_file(const std::string& path, const std::string& what) {
    std::error_code error;
    if (std::filesystem::is_directory(path, error))
        throw InputError(fmt::format("{}: this is a folder; {} is expected.", path, what));
    if (std::filesystem::is_character_file(path, error) ||
        std::filesystem::is_block_file(path, error))
        throw InputError(fmt::format("{}: this is a device; {} is expected.", path, what));
    if (!std::filesystem::exists(path, error))
        throw InputError(fmt::format("{}: there is no such file.", path));
    if (is_lfs_pointer(path)) throw InputError(lfs_pointer_message(path));
    errno = 0;
    std::ifstream file(path, std::ios::binary);
    std::stringstream text;
    text << file.rdbuf();
    // An empty file sets failbit of the stream that it is copied to.
    if (!file || file.bad() || text.bad())
        throw InputError(
            fmt::format("{}: the file cannot be read ({}).", path, std::strerror(errno)));
    return std::move(text).str();
}

}  // namespace synfire
