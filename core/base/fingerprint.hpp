// A 64-bit fingerprint (FNV-1a over 32-bit words): equal trajectories and equal weights give equal
// values, so results of two runs can be compared by eye.
#pragma once

#include <cstdint>
#include <string_view>

namespace synfire {

class Fingerprint {
  public:
    void add(std::uint32_t word) { value_ = (value_ ^ word) * 0x100000001b3ull; }
    // A text, and where it ends.
    void add(std::string_view text) {
        for (const char c : text) add(static_cast<std::uint32_t>(static_cast<unsigned char>(c)));
        add(UINT32_MAX);
    }
    std::uint64_t value() const { return value_; }

  private:
    std::uint64_t value_ = 0xcbf29ce484222325ull;
};

}  // namespace synfire
