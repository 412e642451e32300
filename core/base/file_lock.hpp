// A lock among programs on a file that exists for that alone. The system releases it when the
// program ends, however it ends: a lock file that is left over stops nobody.
#pragma once

#include <optional>
#include <string>

namespace synfire {

class FileLock {
  public:
    enum class Kind { exclusive, shared };

    // Takes the lock, or gives nothing where another program has it. Throws as throw_unwritable
    // where the file cannot be made. A file system without locks is noted once and goes unlocked.
    static std::optional<FileLock> try_take(const std::string& path, Kind kind);
    // Waits for it.
    static FileLock take(const std::string& path, Kind kind);

    FileLock(FileLock&& other) noexcept;
    FileLock& operator=(FileLock&& other) noexcept;
    ~FileLock();  // removes the file where nobody else has it

  private:
    FileLock(std::string path, int file);
    static std::optional<FileLock> lock(const std::string& path, int operation);

    std::string path_;
    int file_;
};

}  // namespace synfire
