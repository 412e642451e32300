#include "base/atomic_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <stdexcept>

namespace synfire {
namespace {

void make_durable(const std::string& path) {
    const int file = ::open(path.c_str(), O_RDONLY);
    const bool done = file >= 0 && ::fsync(file) == 0;
    if (file >= 0) ::close(file);
    if (!done)
        throw std::runtime_error(
            fmt::format("{}: cannot be written to the disk ({}).", path, std::strerror(errno)));
}

}  // namespace

void replace_file(const std::string& path, const std::function<void(const std::string&)>& write) {
    const std::string temporary = fmt::format("{}.{}.tmp", path, ::getpid());
    try {
        write(temporary);
        make_durable(temporary);
        std::filesystem::rename(temporary, path);
    } catch (...) {
        std::error_code ignored;
        std::filesystem::remove(temporary, ignored);
        throw;
    }
}

}  // namespace synfire
