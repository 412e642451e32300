#include "base/file_lock.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "base/note.hpp"
#include "base/output_file.hpp"

namespace synfire {
namespace {

int operation_of(FileLock::Kind kind) {
    return kind == FileLock::Kind::exclusive ? LOCK_EX : LOCK_SH;
}

// Whether the open file is still the one of that name; who had the lock before may have removed it.
bool stands_at(const std::string& path, int file) {
    struct stat opened {
    }, named{};
    return ::fstat(file, &opened) == 0 && ::stat(path.c_str(), &named) == 0 &&
           opened.st_ino == named.st_ino && opened.st_dev == named.st_dev;
}

}  // namespace

FileLock::FileLock(std::string path, int file) : path_(std::move(path)), file_(file) {}
FileLock::FileLock(FileLock&& other) noexcept
    : path_(std::move(other.path_)), file_(std::exchange(other.file_, -1)) {}
FileLock& FileLock::operator=(FileLock&& other) noexcept {
    std::swap(path_, other.path_);
    std::swap(file_, other.file_);
    return *this;
}

FileLock::~FileLock() {
    if (file_ < 0) return;
    if (::flock(file_, LOCK_EX | LOCK_NB) == 0) ::unlink(path_.c_str());
    ::close(file_);
}

std::optional<FileLock> FileLock::lock(const std::string& path, int operation) {
    for (;;) {
        FileLock lock(path, ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666));
        if (lock.file_ < 0) throw_unwritable(path, errno);
        int done = 0;
        while ((done = ::flock(lock.file_, operation)) != 0 && errno == EINTR) {
        }
        if (done != 0 && errno == EWOULDBLOCK) {
            ::close(std::exchange(lock.file_, -1));
            return std::nullopt;
        }
        if (done != 0)
            note(
                fmt::format("note: {}: cannot be locked ({}); see that no other program uses this "
                            "folder.",
                            path, reason_of(errno)));
        if (done != 0 || stands_at(path, lock.file_)) return lock;
        ::close(std::exchange(lock.file_, -1));  // its name is another file's now
    }
}

std::optional<FileLock> FileLock::try_take(const std::string& path, Kind kind) {
    return lock(path, operation_of(kind) | LOCK_NB);
}

FileLock FileLock::take(const std::string& path, Kind kind) {
    return *lock(path, operation_of(kind));
}

}  // namespace synfire
