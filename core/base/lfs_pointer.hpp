// What stands in place of a file that Git LFS has not fetched: three lines that name it.
#pragma once

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace synfire {

inline bool is_lfs_pointer(const std::string& path) {
    std::error_code error;
    if (!std::filesystem::is_regular_file(path, error)) return false;  // a pipe is read once
    const std::string mark = "version https://git-lfs.github.com/spec/";
    std::string beginning(mark.size(), '\0');
    std::ifstream(path, std::ios::binary)
        .read(beginning.data(), static_cast<std::streamsize>(mark.size()));
    return beginning == mark;
}

inline std::string lfs_pointer_message(const std::string& path) {
    return fmt::format(
        "{}: this is only a Git LFS pointer; fetch the file itself with `git lfs pull`.", path);
}

}  // namespace synfire
