// The project of a new plugin, as `synfire plugin new` writes it: the source with its contract, a
// build, a test, a model that uses it, and what an editor needs. The files stand in templates/.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace synfire::cli {

struct PluginProject {
    std::string kind;  // "neuron", "rule", "loss" or "release"
    std::string name;  // the model's id
    std::filesystem::path folder;
    // Where Synfire is installed; empty where the program does not stand in such a place.
    std::filesystem::path prefix;

    std::vector<std::string> files() const;  // by their names in the folder
    // From the project's folder, or, with its name in them, from where it was made.
    std::vector<std::string> commands(bool from_outside) const;
};

// Throws InputError for a kind that there is not and for a name that cannot be an id, a file, a
// target of CMake and, in capitals, a class.
void check_project(const PluginProject& project);

// Makes the folder, whole or not at all. Throws InputError where something has its name.
void write_project(const PluginProject& project);

// The folder above the program's in which the package for CMake lies, or an empty path.
std::filesystem::path installed_prefix();

}  // namespace synfire::cli
