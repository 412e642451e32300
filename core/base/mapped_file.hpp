// A file's bytes where the system puts them in memory as they are used, and takes them out again
// where memory is short: files larger than memory can be read this way.
#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace synfire {

class MappedFile {
  public:
    // Throws std::runtime_error where there is no such file or it cannot be mapped. An empty file
    // has no bytes. The file must not be cut shorter while it is used: replace_file
    // (atomic_file.hpp) and removing leave what is mapped as it was.
    explicit MappedFile(const std::string& path);
    ~MappedFile();
    MappedFile(const MappedFile&) = delete;
    MappedFile& operator=(const MappedFile&) = delete;

    std::span<const std::byte> bytes() const { return bytes_; }
    // From now on parts are read in no order: the system reads what is used and no more around it.
    void expect_any_order() const;
    // Asks for a part of bytes() that is used soon; does not wait for it.
    void read_ahead(std::span<const std::byte> part) const;

  private:
    std::span<const std::byte> bytes_;
};

}  // namespace synfire
