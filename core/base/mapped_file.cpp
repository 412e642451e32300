#include "base/mapped_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <stdexcept>

#include "base/output_file.hpp"

namespace synfire {

MappedFile::MappedFile(const std::string& path) {
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    struct stat about {};
    void* memory = nullptr;
    int error = file < 0 || ::fstat(file, &about) != 0 ? errno : 0;
    const auto size = static_cast<std::size_t>(about.st_size);
    if (!error && size > 0) {
        memory = ::mmap(nullptr, size, PROT_READ, MAP_SHARED, file, 0);
        if (memory == MAP_FAILED) error = errno;
    }
    if (file >= 0) ::close(file);
    if (error)
        throw std::runtime_error(
            fmt::format("{}: the file cannot be read ({}).", path, reason_of(error)));
    bytes_ = {static_cast<const std::byte*>(memory), size};
}

MappedFile::~MappedFile() {
    if (!bytes_.empty()) ::munmap(const_cast<std::byte*>(bytes_.data()), bytes_.size());
}

void MappedFile::expect_any_order() const {
    if (!bytes_.empty())
        ::madvise(const_cast<std::byte*>(bytes_.data()), bytes_.size(), MADV_RANDOM);
}

void MappedFile::read_ahead(std::span<const std::byte> part) const {
    if (part.empty()) return;
    const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
    const auto first = reinterpret_cast<std::uintptr_t>(part.data());
    const std::uintptr_t begin = first / page * page;
    // What cannot be had ahead is had later.
    ::madvise(reinterpret_cast<void*>(begin), first + part.size() - begin, MADV_WILLNEED);
}

}  // namespace synfire
