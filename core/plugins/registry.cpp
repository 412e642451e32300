#include "plugins/registry.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/dll/runtime_symbol_info.hpp>
#include <cstdlib>
#include <span>
#include <sstream>

#include "base/problem.hpp"
#include "plugins/descriptor_check.hpp"
#include "plugins/library.hpp"
#include "plugins/probe.hpp"
#include "plugins/tables.hpp"

namespace synfire {

namespace fs = std::filesystem;

PluginRegistry::PluginRegistry(const std::vector<fs::path>& folders) {
    for (const fs::path& folder : folders) load_folder(folder);
    std::ranges::sort(neurons_, {}, &NeuronModel::id);
    std::ranges::sort(rules_, {}, &RuleModel::id);
    std::ranges::sort(releases_, {}, &ReleaseModel::id);
    std::ranges::sort(losses_, {}, &LossModel::id);
}

void PluginRegistry::refuse(const fs::path& file, std::string reason) {
    refused_.push_back({file, std::move(reason)});
}

void PluginRegistry::load_folder(const fs::path& folder) {
    std::error_code error;
    std::vector<fs::path> files;
    for (const auto& entry : fs::directory_iterator(folder, error))
        if (entry.path().extension() == ".so") files.push_back(entry.path());
    if (error)
        return refuse(folder, fmt::format("the folder cannot be read ({})", error.message()));
    std::ranges::sort(files);
    for (const fs::path& file : files) load_library(file);
}

void PluginRegistry::load_library(const fs::path& file) {
    if (auto reason = refusal_before_loading(file)) return refuse(file, *reason);
    const synfire_plugin* plugin = nullptr;
    try {
        plugin = load_for_good(file);
    } catch (const std::exception& error) {
        return refuse(file, fmt::format("it cannot be loaded ({})", error.what()));
    }
    if (auto reason = unfit(plugin)) return refuse(file, *reason);
    add_models(file, "neuron", neurons_, std::span(plugin->neurons, plugin->neuron_count)) &&
        add_models(file, "rule", rules_, std::span(plugin->rules, plugin->rule_count)) &&
        add_models(file, "release", releases_,
                   std::span(plugin->releases, plugin->release_count)) &&
        add_models(file, "loss", losses_, std::span(plugin->losses, plugin->loss_count));
}

template <class Model, class Table>
bool PluginRegistry::add_models(const fs::path& file, const char* kind, std::vector<Model>& models,
                                std::span<const Table* const> tables) {
    for (const Table* given : tables) {
        if (auto reason = unreadable(*given)) return refuse(file, *reason), false;
        const Table* const table = adopted(*given);
        if (auto reason = broken_promise(*table)) return refuse(file, *reason), false;
        const auto other = std::ranges::find(models, table->description->id, &Model::id);
        if (other != models.end())
            refused_.push_back({file,
                                fmt::format("'{}' is already the {} of {}", other->id(), kind,
                                            other->library.string()),
                                true});
        else
            models.push_back({table, file});
    }
    return true;
}

std::string PluginRegistry::refusals() const {
    constexpr std::size_t most = 4;
    std::string text;
    std::size_t count = 0;
    for (const RefusedLibrary& r : refused_) {
        if (r.in_use) continue;
        if (++count <= most)
            text += fmt::format("{}{}, because {}", count == 1 ? "Refused: " : "; ",
                                r.library.string(), r.reason);
    }
    if (count > most) text += fmt::format("; and {} more (synfire plugins)", count - most);
    return text.empty() ? "" : text + ".";
}

namespace {

template <class Model>
const Model* model_of(const std::vector<Model>& models, std::string_view id) {
    const auto found = std::ranges::find(models, id, &Model::id);
    return found == models.end() ? nullptr : &*found;
}

}  // namespace

const NeuronModel* PluginRegistry::neuron(std::string_view id) const {
    return model_of(neurons_, id);
}
const RuleModel* PluginRegistry::rule(std::string_view id) const {
    return model_of(rules_, id);
}
const ReleaseModel* PluginRegistry::release(std::string_view id) const {
    return model_of(releases_, id);
}
const LossModel* PluginRegistry::loss(std::string_view id) const {
    return model_of(losses_, id);
}

std::vector<fs::path> plugin_folders(const std::vector<std::string>& given) {
    std::vector<fs::path> folders(given.begin(), given.end());
    for (const fs::path& folder : folders)
        if (std::error_code error; !fs::is_directory(folder, error))
            throw InputError(fmt::format("--plugin-dir {}: there is no such folder.",
                                         folder.empty() ? "\"\"" : folder.string()));
    if (const char* path = std::getenv("SYNFIRE_PLUGIN_PATH")) {
        std::stringstream list(path);
        for (std::string folder; std::getline(list, folder, ':');)
            if (!folder.empty()) folders.emplace_back(folder);
    }
    const fs::path program = boost::dll::program_location().string();
    const fs::path beside = program.parent_path().parent_path() / "lib" / "synfire" / "plugins";
    if (fs::is_directory(beside)) folders.push_back(beside);
    return folders;
}

}  // namespace synfire
