#include "learning/provenance.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "base/fingerprint.hpp"
#include "base/printable.hpp"
#include "learning/input.hpp"

namespace synfire {

using json = nlohmann::json;

namespace {

json of_set(const EventSet& set) {
    return {{"count", set.size()},
            {"events", set.keys().size()},
            {"fingerprint", fmt::format("{:016x}", set.fingerprint())}};
}

std::string fingerprint_of_file(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    Fingerprint fingerprint;
    std::vector<char> part(1 << 16);
    while (file) {
        file.read(part.data(), static_cast<std::streamsize>(part.size()));
        const auto count = static_cast<std::size_t>(file.gcount());
        std::fill(part.begin() + static_cast<std::ptrdiff_t>(count), part.end(), 0);
        for (std::size_t i = 0; i < count; i += sizeof(std::uint32_t)) {
            std::uint32_t word;
            std::memcpy(&word, part.data() + i, sizeof word);
            fingerprint.add(word);
        }
    }
    return fmt::format("{:016x}", fingerprint.value());
}

template <class Model>
void add_plugin(std::map<std::string, json>& plugins, const char* kind, const Model* model) {
    if (!model) return;
    json& entry = plugins[fmt::format("{} {}", kind, model->id())];
    if (!entry.is_null()) return;
    entry = {{"kind", kind},
             {"id", std::string(model->id())},
             {"version", model->table->description->version},
             {"library", model->library.filename().string()},
             {"fingerprint", fingerprint_of_file(model->library)}};
}

json plugins_of(const Experiment& experiment) {
    std::map<std::string, json> plugins;
    for (const PopulationDescription& p : experiment.network.populations)
        add_plugin(plugins, "neuron", p.model);
    for (const ProjectionDescription& p : experiment.network.projections) {
        for (const auto& rule : {p.rule, p.training_rule})
            if (rule) add_plugin(plugins, "rule", rule->model);
        if (p.release) add_plugin(plugins, "release", p.release->model);
    }
    if (experiment.training) add_plugin(plugins, "loss", experiment.training->loss.model);
    json list = json::array();
    for (auto& [_, entry] : plugins) list.push_back(std::move(entry));
    return list;
}

bool is_text(const json& object, const char* key) {
    return object.contains(key) && object.at(key).is_string();
}

bool is_number(const json& object, const char* key) {
    return object.contains(key) && object.at(key).is_number_unsigned();
}

bool is_set(const json& recordings, const char* split) {
    if (!recordings.contains(split)) return false;
    const json& set = recordings.at(split);
    return is_number(set, "count") && is_number(set, "events") && is_text(set, "fingerprint");
}

bool is_plugin(const json& plugin) {
    return std::ranges::all_of(std::array{"kind", "id", "version", "library", "fingerprint"},
                               [&](const char* key) { return is_text(plugin, key); });
}

void require_same_recordings(const std::string& path, const char* split, const json& then,
                             const json& now) {
    if (then == now) return;
    auto described = [](const json& set) {
        return fmt::format(
            "{} recordings with {} events (fingerprint {})", set.at("count").get<std::uint64_t>(),
            set.at("events").get<std::uint64_t>(), set.at("fingerprint").get<std::string>());
    };
    throw InputError(
        fmt::format("{}: the checkpoint belongs to a training with other recordings: its {} split "
                    "had {}, and here are {}; they have to be the same.",
                    path, split, described(then), described(now)));
}

}  // namespace

JsonPart provenance(const Experiment& experiment, const InputData& data) {
    json recordings = {{"train", of_set(data.train)}, {"test", of_set(data.test)}};
    json classes = json::array();
    for (const std::string& name : data.classes) classes.push_back(printable(name));
    if (!classes.empty()) recordings["classes"] = std::move(classes);
    return json{{"recordings", std::move(recordings)}, {"plugins", plugins_of(experiment)}};
}

namespace {

struct OtherPlugin {
    std::string what;       // "neuron 'lif'"
    std::string then, now;  // versions
};

// The plugins of which both speak, and whose version, or file, is another.
std::vector<OtherPlugin> other_plugins(const json& saved, const json& now) {
    std::vector<OtherPlugin> list;
    for (const json& plugin : now)
        for (const json& other : saved) {
            if (other.at("kind") != plugin.at("kind") || other.at("id") != plugin.at("id") ||
                (other.at("version") == plugin.at("version") &&
                 other.at("fingerprint") == plugin.at("fingerprint")))
                continue;
            list.push_back({fmt::format("{} '{}'", plugin.at("kind").get<std::string>(),
                                        plugin.at("id").get<std::string>()),
                            other.at("version"), plugin.at("version")});
        }
    return list;
}

std::string note_of_file(const std::string& path, const OtherPlugin& plugin) {
    return fmt::format("the {} is of the version that {} names, from another library file",
                       plugin.what, path);
}

}  // namespace

bool is_provenance(const json& saved) {
    if (!saved.is_object() || !saved.contains("recordings") || !saved.contains("plugins"))
        return false;
    const json &recordings = saved.at("recordings"), &plugins = saved.at("plugins");
    const bool names_classes = recordings.is_object() && recordings.contains("classes");
    if (names_classes && (!recordings.at("classes").is_array() ||
                          !std::ranges::all_of(recordings.at("classes"),
                                               [](const json& name) { return name.is_string(); })))
        return false;
    return recordings.is_object() && is_set(recordings, "train") && is_set(recordings, "test") &&
           plugins.is_array() && std::ranges::all_of(plugins, is_plugin);
}

std::vector<std::string> require_same_provenance(const std::string& path, const json& saved,
                                                 const json& now) {
    if (saved.is_null())
        return {
            fmt::format("{} does not say which recordings and plugins its training had, so "
                        "whether these are the same is not known",
                        path)};
    const json &then = saved.at("recordings"), &here = now.at("recordings");
    require_same_recordings(path, "training", then.at("train"), here.at("train"));
    require_same_recordings(path, "test", then.at("test"), here.at("test"));
    std::vector<std::string> notes;
    for (const OtherPlugin& plugin : other_plugins(saved.at("plugins"), now.at("plugins"))) {
        if (plugin.then != plugin.now)
            throw InputError(fmt::format(
                "{}: the checkpoint belongs to a training with version {} of the {}, and here is "
                "version {}; they have to be the same.",
                path, plugin.then, plugin.what, plugin.now));
        notes.push_back(note_of_file(path, plugin));
    }
    return notes;
}

void require_same_classes(const std::string& path, const json& saved, const InputData& data) {
    if (saved.is_null() || !saved.at("recordings").contains("classes") || data.classes.empty())
        return;
    const json& then = saved.at("recordings").at("classes");
    auto name = [](const auto& list, std::size_t label) -> std::string {
        return label < list.size() ? "'" + list[label].template get<std::string>() + "'" : "none";
    };
    json here = json::array();
    for (const std::string& one : data.classes) here.push_back(printable(one));
    for (std::size_t label = 0; label < std::max(then.size(), here.size()); ++label)
        if (name(then, label) != name(here, label))
            throw InputError(fmt::format(
                "{}: class {} of its training was {}, and is {} here; recordings of the same "
                "classes are expected.",
                path, label, name(then, label), name(here, label)));
}

std::vector<std::string> notes_of_plugins(const std::string& path, const json& saved,
                                          const Experiment& experiment) {
    if (saved.is_null())
        return {fmt::format("{} does not say which plugins its training had", path)};
    std::vector<std::string> notes;
    for (const OtherPlugin& plugin : other_plugins(saved.at("plugins"), plugins_of(experiment)))
        notes.push_back(plugin.then == plugin.now
                            ? note_of_file(path, plugin)
                            : fmt::format("{} was trained with version {} of the {}, and here is "
                                          "version {}, which may give other results",
                                          path, plugin.then, plugin.what, plugin.now));
    return notes;
}

}  // namespace synfire
