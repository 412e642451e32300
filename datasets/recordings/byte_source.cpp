#include "recordings/byte_source.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <filesystem>

#include "base/lfs_pointer.hpp"
#include "base/problem.hpp"

namespace synfire {
namespace {

constexpr std::size_t block_bytes = std::size_t{1} << 18;

}  // namespace

ByteSource::ByteSource(const std::string& path) : path_(path) {
    std::error_code error;
    if (std::filesystem::is_directory(path, error))
        throw InputError(
            fmt::format("{}: this is a folder; a recording's file is expected.", path));
    if (!std::filesystem::is_regular_file(path, error))
        throw InputError(fmt::format("{}: {}.", path,
                                     std::filesystem::exists(path, error)
                                         ? "this is no regular file"
                                         : "there is no such file"));
    if (is_lfs_pointer(path)) throw InputError(lfs_pointer_message(path));
    size_ = std::filesystem::file_size(path, error);
    file_.open(path, std::ios::binary);
    if (error || !file_) throw InputError(fmt::format("{}: the file cannot be read.", path));
    if (size_ == 0)
        throw InputError(fmt::format("{}: the file is empty; a recording is expected.", path));
}

ByteSource::ByteSource(std::vector<unsigned char> bytes, std::string path)
    : path_(std::move(path)),
      size_(bytes.size()),
      buffer_(std::move(bytes)),
      end_(buffer_.size()),
      whole_(true) {}

std::span<const unsigned char> ByteSource::ahead(std::size_t wanted) {
    if (end_ - begin_ < wanted && !whole_) {
        if (buffer_.size() < wanted + block_bytes) buffer_.resize(wanted + block_bytes);
        std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
        end_ -= begin_;
        begin_ = 0;
        file_.read(reinterpret_cast<char*>(buffer_.data() + end_),
                   static_cast<std::streamsize>(buffer_.size() - end_));
        end_ += static_cast<std::size_t>(file_.gcount());
        whole_ = !file_;
        if (file_.bad()) throw InputError(fmt::format("{}: the file cannot be read.", path_));
    }
    return {buffer_.data() + begin_, end_ - begin_};
}

std::uint64_t ByteSource::skip(std::uint64_t count) {
    std::uint64_t skipped = 0;
    while (skipped < count) {
        const std::size_t some =
            static_cast<std::size_t>(std::min<std::uint64_t>(ahead(1).size(), count - skipped));
        if (some == 0) break;
        take(some);
        skipped += some;
    }
    return skipped;
}

}  // namespace synfire
