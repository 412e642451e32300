#include "cli/plugin_project.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/dll/runtime_symbol_info.hpp>

#include "base/atomic_file.hpp"
#include "base/output_file.hpp"
#include "base/printable.hpp"
#include "base/problem.hpp"
#include "base/suggest.hpp"
#include "cli/command.hpp"
#include "cli/plugin_templates.hpp"

namespace synfire::cli {
namespace {

namespace fs = std::filesystem;

const std::vector<std::string> kinds = {"neuron", "rule", "loss", "release"};

// Names that CMake keeps for targets of its own, and words that mean something in C++ or in a
// network's JSON.
constexpr std::string_view taken[] = {"all",          "clean",      "help",   "install", "package",
                                      "test",         "edit_cache", "depend", "relay",   "input",
                                      "spike_source", "neuron",     "rule",   "loss",    "release",
                                      "synfire",      "build",      "runs",   "reward",  "results"};

void require_name(const std::string& name) {
    constexpr std::size_t longest = 40;
    const auto is_letter = [](char c) { return c >= 'a' && c <= 'z'; };
    const bool sound = !name.empty() && name.size() <= longest && is_letter(name.front()) &&
                       std::ranges::all_of(name, [&](char c) {
                           return is_letter(c) || (c >= '0' && c <= '9') || c == '_';
                       });
    if (!sound)
        throw InputError(fmt::format(
            "'{}' is no name for a plugin. Allowed are 1 to {} small letters, digits and "
            "underscores, a letter first.",
            printable(name), longest));
    if (std::ranges::find(taken, name) != std::end(taken))
        throw InputError(
            fmt::format("'{}' is no name for a plugin: it means something else already, to CMake "
                        "or in an experiment. Choose another one.",
                        name));
}

// spike_counter: SpikeCounter
std::string class_of(const std::string& name) {
    std::string text;
    bool first = true;
    for (const char c : name) {
        if (c != '_') text += first && c >= 'a' ? static_cast<char>(c - 'a' + 'A') : c;
        first = c == '_';
    }
    return text;
}

// The file of the project, and of templates/.
struct Part {
    std::string file;
    std::string from;
};
std::vector<Part> parts_of(const PluginProject& project) {
    return {{project.name + ".cpp", project.kind + ".cpp"},
            {project.name + ".json", project.kind + ".json"},
            {"CMakeLists.txt", "CMakeLists.txt"},
            {"README.md", "README.md"},
            {".clangd", "clangd.yaml"},
            {".gitignore", "gitignore.txt"}};
}

bool trains(const PluginProject& project) {
    return project.kind == "rule" || project.kind == "loss";
}

std::string shell_word(const std::string& text) {
    const bool plain = std::ranges::all_of(text, [](char c) {
        return std::isalnum(static_cast<unsigned char>(c)) ||
               std::string_view("/._-+").find(c) != std::string_view::npos;
    });
    return plain ? text : quoted(text);
}

std::string filled(std::string_view text, const PluginProject& project) {
    std::string commands;
    for (const std::string& command : project.commands(false))
        commands += (commands.empty() ? "" : "\n") + command;
    const std::string prefix =
        project.prefix.empty() ? "PREFIX_OF_SYNFIRE" : shell_word(project.prefix.string());
    const std::array<std::pair<std::string_view, std::string>, 6> words = {
        {{"@ID@", project.name},
         {"@CLASS@", class_of(project.name)},
         {"@KIND@", project.kind},
         {"@RUN@", trains(project) ? "train" : "run"},
         {"@COMMANDS@", commands},
         {"@PREFIX@", prefix}}};
    std::string result;
    for (std::size_t at = 0; at < text.size();) {
        const auto word = std::ranges::find_if(
            words, [&](const auto& w) { return text.substr(at).starts_with(w.first); });
        if (word == words.end()) {
            result += text[at++];
        } else {
            result += word->second;
            at += word->first.size();
        }
    }
    return result;
}

std::string_view template_of(const std::string& name) {
    return std::ranges::find(plugin_templates(), name, &PluginTemplate::name)->text;
}

}  // namespace

std::vector<std::string> PluginProject::files() const {
    std::vector<std::string> names;
    for (const Part& part : parts_of(*this)) names.push_back(part.file);
    return names;
}

std::vector<std::string> PluginProject::commands(bool from_outside) const {
    const std::string source = from_outside ? shell_word(folder.string()) : ".";
    const std::string build = from_outside ? shell_word((folder / "build").string()) : "build";
    const std::string model =
        from_outside ? shell_word((folder / (name + ".json")).string()) : name + ".json";
    const bool known = prefix.empty() || prefix == "/usr" || prefix == "/usr/local";
    return {fmt::format("cmake -S {} -B {}{}", source, build,
                        known ? "" : " -DCMAKE_PREFIX_PATH=" + shell_word(prefix.string())),
            fmt::format("cmake --build {}", build), fmt::format("ctest --test-dir {}", build),
            fmt::format("synfire {} {} --plugin-dir {}", trains(*this) ? "train" : "run", model,
                        build)};
}

void check_project(const PluginProject& project) {
    if (std::ranges::find(kinds, project.kind) == kinds.end())
        throw InputError(fmt::format("'{}' is no kind of plugin{}. Allowed: {}.",
                                     printable(project.kind), did_you_mean(project.kind, kinds),
                                     list_of(kinds)));
    require_name(project.name);
}

void write_project(const PluginProject& project) {
    std::error_code error;
    if (fs::exists(fs::symlink_status(project.folder, error)))
        throw InputError(
            fmt::format("{}: it is there already, and nothing is overwritten. Name another folder "
                        "with --out.",
                        printable(project.folder.string())));
    const std::string temporary = temporary_name(project.folder.string());
    try {
        if (!fs::create_directory(temporary, error))
            throw_unwritable(project.folder.string(), error.value());
        for (const Part& part : parts_of(project)) {
            OutputFile file(temporary + "/" + part.file);
            file.write(filled(template_of(part.from), project));
            file.close();
        }
        fs::rename(temporary, project.folder, error);
        if (error) throw_unwritable(project.folder.string(), error.value());
    } catch (...) {
        fs::remove_all(temporary, error);
        throw;
    }
}

fs::path installed_prefix() {
    const fs::path program = boost::dll::program_location().string();
    const fs::path prefix = program.parent_path().parent_path();
    return fs::exists(prefix / "lib/cmake/synfire/synfire-config.cmake") ? prefix : fs::path();
}

}  // namespace synfire::cli
