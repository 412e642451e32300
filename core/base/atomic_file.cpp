#include "base/atomic_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <stdexcept>

#include "base/output_file.hpp"
#include "base/problem.hpp"

namespace synfire {
namespace fs = std::filesystem;
namespace {

void make_durable(const std::string& path, bool folder = false) {
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    int error = file < 0 ? errno : 0;
    if (error == EACCES && folder) return;  // a folder may be written to and not read
    if (!error && ::fsync(file) != 0) error = errno;
    if (error == EINVAL && folder) error = 0;  // file systems that keep folders durable themselves
    if (file >= 0 && ::close(file) != 0 && !error) error = errno;
    if (error)
        throw std::runtime_error(
            fmt::format("{}: cannot be written to the disk ({}).", path, reason_of(error)));
}

// Of "<name>.<number>.tmp" the number, otherwise 0.
::pid_t maker_of(const std::string& name) {
    constexpr std::string_view ending = ".tmp";
    if (!name.ends_with(ending)) return 0;
    const std::size_t end = name.size() - ending.size();
    const std::size_t dot = name.rfind('.', end - 1);
    if (end == 0 || dot == name.npos) return 0;
    ::pid_t number = 0;
    const auto read = std::from_chars(name.data() + dot + 1, name.data() + end, number);
    return read.ec == std::errc() && read.ptr == name.data() + end ? number : 0;
}

// Where the file is to lie in the end. Throws InputError where no file can be there.
std::string place_of(const std::string& path) {
    std::error_code error;
    const fs::file_status there = fs::status(path, error);
    if (!fs::exists(there)) return path;
    if (!fs::is_regular_file(there))
        throw InputError(
            fmt::format("{}: {} has this name and is not replaced; the name of a file is expected.",
                        path, fs::is_directory(there) ? "a folder" : "a device or pipe"));
    return fs::is_symlink(path, error) ? fs::canonical(path).string() : path;
}

bool begins_with(const std::string& path, std::string_view beginning) {
    std::string found(beginning.size(), '\0');
    std::ifstream file(path, std::ios::binary);
    file.read(found.data(), static_cast<std::streamsize>(found.size()));
    return file.gcount() == 0 || found == beginning;  // an empty file is of any kind
}

// The names of temporary files that are being written, where no allocation is needed to find them.
struct Unfinished {
    static constexpr std::size_t longest = 4096;
    std::atomic<int> state = 0;  // 0 free, 1 being filled in, 2 valid
    char name[longest];
};
std::array<Unfinished, 16> unfinished;

// One of these for as long as it lives; none where all are taken or the name is too long.
class Announced {
  public:
    explicit Announced(const std::string& name) {
        if (name.size() >= Unfinished::longest) return;
        for (Unfinished& one : unfinished) {
            int free = 0;
            if (!one.state.compare_exchange_strong(free, 1)) continue;
            std::memcpy(one.name, name.c_str(), name.size() + 1);
            one.state = 2;
            taken_ = &one;
            return;
        }
    }
    ~Announced() {
        if (taken_) taken_->state = 0;
    }
    Announced(const Announced&) = delete;
    Announced& operator=(const Announced&) = delete;

  private:
    Unfinished* taken_ = nullptr;
};

}  // namespace

void remove_unfinished() noexcept {
    for (const Unfinished& one : unfinished)
        if (one.state == 2) ::unlink(one.name);
}

void require_place(const std::string& path, std::string_view what, std::string_view beginning) {
    const std::string place = place_of(path);
    const fs::path folder = fs::path(place).parent_path();
    std::error_code error;
    if (!fs::is_directory(folder.empty() ? "." : folder, error) ||
        ::access(folder.empty() ? "." : folder.c_str(), W_OK) != 0)
        throw InputError(fmt::format(
            "{}: the {} cannot be saved there; a file in a folder that exists and can be written "
            "to is expected.",
            path, what));
    if (fs::exists(place, error) && !begins_with(place, beginning))
        throw InputError(fmt::format(
            "{}: a file of another kind has this name, and the {} would replace it; another name "
            "is expected.",
            path, what));
}

std::string temporary_name(const std::string& path) {
    const fs::path place(path);
    return (place.parent_path() / fmt::format(".{}.{}.tmp", place.filename().string(), ::getpid()))
        .string();
}

void remove_leftovers(const std::string& folder) {
    std::error_code error;
    for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
        const ::pid_t maker = maker_of(at->path().filename().string());
        // This process has made none yet, so those with its number are an earlier one's.
        if (maker <= 0 || (maker != ::getpid() && (::kill(maker, 0) == 0 || errno != ESRCH)))
            continue;
        std::error_code ignored;
        fs::remove_all(at->path(), ignored);
    }
}

void replace_file(const std::string& path, const std::function<void(const std::string&)>& write) {
    const std::string place = place_of(path);
    const std::string temporary = temporary_name(place);
    const Announced announced(temporary);
    try {
        write(temporary);
        make_durable(temporary);
        if (std::rename(temporary.c_str(), place.c_str()) != 0)
            throw std::runtime_error(
                fmt::format("{}: cannot be put in its place ({}).", path, reason_of(errno)));
    } catch (...) {
        std::error_code ignored;
        fs::remove(temporary, ignored);
        throw;
    }
    const fs::path folder = fs::path(place).parent_path();
    make_durable(folder.empty() ? "." : folder.string(), true);
}

}  // namespace synfire
