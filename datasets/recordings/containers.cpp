#include "recordings/containers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "base/names.hpp"
#include "base/suggest.hpp"

namespace synfire {
namespace {

std::string allowed() {
    std::string names;
    for (const Container& c : containers())
        names += fmt::format("{}'{}'", names.empty() ? "" : ", ", c.name);
    return names;
}

// The containers that a file's beginning fits.
std::vector<const Container*> fitting(ByteSource& source) {
    auto beginning = source.ahead(beginning_bytes);
    beginning = beginning.first(std::min(beginning.size(), beginning_bytes));
    std::vector<const Container*> found;
    for (const Container& c : containers())
        if (c.begins(beginning, source.size(), source.path())) found.push_back(&c);
    return found;
}

}  // namespace

std::span<const Container> containers() {
    static const std::vector<Container> all = {
        aedat_4, aedat_3, aedat_1_and_2, event_stream, hdf5_events, mat_events, dat,
        evt_2,   evt_2_1, evt_3,         atis_bin,     slayer_1d,   slayer_3d,  event_text};
    return all;
}

std::unique_ptr<Decoder> open_recording(const std::string& path, std::string_view name) {
    return open_recording(ByteSource(path), name);
}

std::unique_ptr<Decoder> open_recording(ByteSource source, std::string_view name) {
    const auto all = containers();
    if (!name.empty()) {
        const auto named = std::ranges::find(all, name, &Container::name);
        if (named == all.end())
            throw InputError(
                fmt::format("'{}' is no container of recordings. Allowed: {}.", name, allowed()));
        // A name tells apart what bytes leave open, and overrules none that say what they are.
        const std::vector<const Container*> found = fitting(source);
        if (!found.empty() && std::ranges::find(found, &*named) == found.end())
            throw InputError(fmt::format("{}: the file is '{}', and is to be read as '{}'.",
                                         source.path(), found[0]->name, name));
        return named->open(std::move(source));
    }
    const std::vector<const Container*> found = fitting(source);
    if (found.size() == 1) return found[0]->open(std::move(source));
    if (found.empty())
        throw NoRecording(
            fmt::format("{}: the file is no recording in a container that is known; {} are.",
                        source.path(), allowed()));
    std::string names;
    for (const Container* c : found)
        names += fmt::format("{}'{}'", names.empty() ? "" : ", ", c->name);
    throw InputError(
        fmt::format("{}: the file has no header, and its bytes could be {}; say which it is.",
                    source.path(), names));
}

bool is_recording(const std::string& path) {
    std::error_code error;
    if (std::filesystem::file_size(path, error) == 0) return false;
    ByteSource source(path);
    return !fitting(source).empty();
}

bool is_foreign(std::string_view name) {
    static constexpr std::string_view endings[] = {
        "md",  "txt", "csv", "tsv", "png", "jpg", "jpeg", "gif", "pdf", "html", "json", "xml",
        "yml", "ini", "db",  "py",  "m",   "zip", "gz",   "tar", "log", "rst",  "yaml", "doc",
        "xls", "npy", "npz", "avi", "mp4", "sh",  "sha1", "md5", "url", "7z",   "rar",  "bmp"};
    const auto dot = name.rfind('.');
    if (dot == name.npos) return true;  // README, LICENSE
    std::string ending(name.substr(dot + 1));
    for (char& c : ending)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return std::ranges::find(endings, ending) != std::end(endings);
}

std::vector<CameraEvent> events_of(Decoder& decoder) {
    std::vector<CameraEvent> all;
    while (true) {
        const std::span<const CameraEvent> events = decoder.next();
        if (events.empty()) return all;
        all.insert(all.end(), events.begin(), events.end());
    }
}

}  // namespace synfire
