// A text file that is written from its beginning to its end. Whatever cannot be written is an error
// that names the file and the system's reason; after one, the file ends with what the last flush
// completed.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace synfire {

// Throws for a file that cannot be made: InputError where another place would do,
// std::runtime_error where the system is short of something. error: an errno.
[[noreturn]] void throw_unwritable(const std::string& path, int error);

// What the system says of an errno.
std::string reason_of(int error);

class OutputFile {
  public:
    // Makes the file, or empties what is there.
    explicit OutputFile(std::string path);
    OutputFile(OutputFile&& other) noexcept;
    ~OutputFile();  // what was not flushed is lost

    // Adds whole lines, or any text that stands by itself.
    void write(std::string_view text);
    // Hands everything to the system.
    void flush();
    void close();

    const std::string& path() const { return path_; }

  private:
    [[noreturn]] void fail(int error);

    std::string path_, held_;
    int file_ = -1;
    std::int64_t whole_ = 0;  // bytes that flushes have completed
};

}  // namespace synfire
