// Blocks that are compressed as frames of LZ4 or Zstandard.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace synfire {

enum class Compression { none, lz4, zstd };

// Bytes as one frame.
std::vector<unsigned char> compressed(std::span<const unsigned char> bytes, Compression kind);

class Decompressor {
  public:
    explicit Decompressor(Compression kind);
    ~Decompressor();
    Decompressor(Decompressor&&) noexcept;
    Decompressor& operator=(Decompressor&&) noexcept;

    // The whole content of a frame, at an address that suits any type; holds until the next call.
    // Nothing, and fault() says why, where it is damaged or larger than `most` bytes.
    std::optional<std::span<const unsigned char>> whole(std::span<const unsigned char> frame,
                                                        std::size_t most);
    const std::string& fault() const { return fault_; }

  private:
    struct Contexts;
    // Writes behind `done` bytes and moves it; false at the frame's end or a fault.
    bool some(std::span<const unsigned char>& rest, std::size_t& done);

    Compression kind_;
    std::unique_ptr<Contexts> contexts_;
    std::vector<unsigned char> content_;
    std::string fault_;
};

}  // namespace synfire
