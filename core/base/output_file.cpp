#include "base/output_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "base/problem.hpp"

namespace synfire {

std::string reason_of(int error) {
    return std::generic_category().message(error);
}

void throw_unwritable(const std::string& path, int error) {
    const std::string message = fmt::format("{}: the file cannot be made{}", path,
                                            error ? fmt::format(" ({})", reason_of(error)) : "");
    switch (error) {
        case EACCES:
        case EEXIST:
        case EISDIR:
        case ELOOP:
        case ENAMETOOLONG:
        case ENOENT:
        case ENOTDIR:
        case EPERM:
        case EROFS:
            throw InputError(message + "; a place that can be written to is expected.");
        default:
            throw std::runtime_error(message + ".");
    }
}

OutputFile::OutputFile(std::string path) : path_(std::move(path)) {
    file_ = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (file_ < 0) throw_unwritable(path_, errno);
}

OutputFile::OutputFile(OutputFile&& other) noexcept
    : path_(std::move(other.path_)),
      held_(std::move(other.held_)),
      file_(std::exchange(other.file_, -1)),
      whole_(other.whole_) {}

OutputFile::~OutputFile() {
    if (file_ >= 0) ::close(file_);
}

void OutputFile::write(std::string_view text) {
    constexpr std::size_t enough = 1 << 16;
    held_ += text;
    if (held_.size() >= enough) flush();
}

void OutputFile::flush() {
    std::string_view left = held_;
    while (!left.empty()) {
        const ::ssize_t written = ::write(file_, left.data(), left.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) fail(errno);
        left.remove_prefix(static_cast<std::size_t>(written));
    }
    whole_ += static_cast<std::int64_t>(held_.size());
    held_.clear();
}

void OutputFile::close() {
    flush();
    if (::close(std::exchange(file_, -1)) != 0) fail(errno);
}

void OutputFile::fail(int error) {
    held_.clear();
    // Half a line would be read as another value.
    const bool cut = file_ < 0 || ::ftruncate(file_, whole_) == 0;
    throw std::runtime_error(fmt::format("{}: cannot be written to its end ({}){}", path_,
                                         reason_of(error),
                                         cut ? "." : "; its last line may be cut short."));
}

}  // namespace synfire
