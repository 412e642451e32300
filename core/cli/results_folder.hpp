// Where a command's results go, without ever overwriting those of an earlier run or mixing with
// those of another program: a folder is locked as long as it is in use.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "base/file_lock.hpp"

namespace synfire::cli {

class ResultsFolder {
  public:
    // The folder `wanted`, made if needed, or runs/<name>-<number> with the first free number.
    // Throws InputError where it cannot be made or written to, or another program uses it. What a
    // program that was killed there has left half written is removed.
    static ResultsFolder open(const std::string& wanted, const std::string& name);
    // The same for a folder that has to be there.
    static ResultsFolder open_existing(const std::string& path);

    const std::string& path() const { return path_; }
    // Whether it is that folder by another name.
    bool is(const std::string& other) const;

    // Moves the files of these names (patterns of fnmatch) to previous-<number> inside the folder
    // and says so.
    void set_aside(const std::vector<std::string>& patterns) const;

  private:
    explicit ResultsFolder(std::string path);

    std::string path_;
    FileLock lock_;
};

// Writes an indented JSON file, whole or not at all.
void write_json_file(const std::string& path, const nlohmann::json& value);

}  // namespace synfire::cli
