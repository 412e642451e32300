// A recording's bytes, in order, a part of them in memory at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <fstream>
#include <span>
#include <string>
#include <vector>

namespace synfire {

class ByteSource {
  public:
    // Throws InputError where there is no such file, it is empty, or only a Git LFS pointer.
    explicit ByteSource(const std::string& path);
    // Bytes that are in memory; path: for messages.
    ByteSource(std::vector<unsigned char> bytes, std::string path);

    const std::string& path() const { return path_; }
    std::uint64_t size() const { return size_; }
    // Of the next byte.
    std::uint64_t position() const { return position_; }

    // What follows: at least `wanted` bytes, fewer only where the file ends. Holds until the next
    // call. Throws InputError where the file cannot be read.
    std::span<const unsigned char> ahead(std::size_t wanted);
    // Goes past bytes that ahead() showed.
    void take(std::size_t count) {
        begin_ += count;
        position_ += count;
    }
    // Goes past `count` bytes, or to the end. Returns how many there were.
    std::uint64_t skip(std::uint64_t count);

  private:
    std::string path_;
    std::ifstream file_;
    std::uint64_t size_ = 0, position_ = 0;
    std::vector<unsigned char> buffer_;
    std::size_t begin_ = 0, end_ = 0;  // of what is in the buffer and not taken
    bool whole_ = false;               // nothing is left to read
};

// Numbers as files keep them.
template <class Number>
Number little_endian(const unsigned char* bytes) {
    Number value = 0;
    for (std::size_t i = 0; i < sizeof(Number); ++i)
        value = static_cast<Number>(value | (static_cast<Number>(bytes[i]) << (8 * i)));
    return value;
}
template <class Number>
Number big_endian(const unsigned char* bytes) {
    Number value = 0;
    for (std::size_t i = 0; i < sizeof(Number); ++i)
        value = static_cast<Number>(
            value | (static_cast<Number>(bytes[i]) << (8 * (sizeof(Number) - 1 - i))));
    return value;
}

}  // namespace synfire
