#include "json/document.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "base/printable.hpp"
#include "json/form.hpp"
#include "json/json_text.hpp"

namespace synfire {
namespace {

using json = nlohmann::json;

std::string read_file(const std::string& path) {
    constexpr std::size_t most = std::size_t{1} << 30;  // bytes; more would fill the memory
    auto refuse = [&](const std::string& why) {
        throw InputError({{"", why, path.empty() ? "\"\"" : path, 0}});
    };
    std::error_code error;
    if (std::filesystem::is_directory(path, error))
        refuse("this is a folder; a JSON experiment such as those in models/ is expected.");
    errno = 0;
    std::ifstream stream(path, std::ios::binary);
    if (!stream && errno == ENOENT)
        refuse("there is no such file; a JSON experiment such as those in models/ is expected.");
    if (!stream) refuse(fmt::format("the file cannot be read ({}).", std::strerror(errno)));
    std::string text;
    if (const auto size = std::filesystem::file_size(path, error); !error && size <= most)
        text.reserve(size);
    std::string piece(std::size_t{1} << 16, '\0');
    while (stream && text.size() <= most) {
        stream.read(piece.data(), static_cast<std::streamsize>(piece.size()));
        text.append(piece, 0, static_cast<std::size_t>(stream.gcount()));
    }
    if (stream.bad()) refuse(fmt::format("the file cannot be read ({}).", std::strerror(errno)));
    if (text.size() > most)
        refuse("the file is larger than 1 GiB; long lists of spikes can stand in a \"file\".");
    return text;
}

// An assignment as messages name it.
std::string cut(const std::string& text) {
    constexpr std::size_t most = 80;
    return text.size() <= most ? text : text.substr(0, most) + "...";
}

[[noreturn]] void refuse_assignment(const std::string& assignment, const std::string& why) {
    throw InputError(fmt::format("--set {}: {}", cut(assignment), why));
}

// JSON, or a string where it is none. A word that only looks like JSON is a string, too.
json value_from(const std::string& assignment, const std::string& text) {
    const json as_text = text;
    try {
        as_text.dump();
    } catch (const json::exception&) {
        refuse_assignment(assignment, "the value is not in UTF-8.");
    }
    double number = 0;
    const char* const end = text.data() + text.size();
    const auto read = std::from_chars(text.data(), end, number);
    if (read.ec == std::errc::result_out_of_range && read.ptr == end)
        refuse_assignment(assignment, "the number is beyond those that can be held.");
    if (!json::accept(text)) return as_text;
    try {
        return parse_json(text, "");
    } catch (const InputError& error) {
        refuse_assignment(assignment, error.problems().front().message);
    }
}

// The element of an array that a step of a pointer names; the array's size for one to be added,
// which only the last step may do.
std::size_t index_of(const json& array, const std::string& step, bool last, const std::string& at,
                     const std::string& assignment) {
    std::size_t index = 0;
    const char* const end = step.data() + step.size();
    const auto read = std::from_chars(step.data(), end, index);
    const bool number =
        read.ec == std::errc() && read.ptr == end && (step.size() == 1 || step.front() != '0');
    if (step == "-" && last) return array.size();
    if (number && (index < array.size() || (index == array.size() && last))) return index;
    refuse_assignment(
        assignment,
        fmt::format("{} has {} {}{}; '{}' is none of them{}.", at.empty() ? "the list" : at,
                    array.size(), array.size() == 1 ? "entry" : "entries",
                    array.empty() ? "" : fmt::format(", 0 to {}", array.size() - 1), step,
                    last ? ", and '-' would add one" : ""));
}

}  // namespace

Document Document::from_text(std::string text, std::string name) {
    Document document;
    document.value_ = parse_json(text, name);
    document.name_ = std::move(name);
    document.text_ = std::move(text);
    return document;
}

Document Document::from_file(const std::string& path) {
    return from_text(read_file(path), path);
}

void Document::set(const std::string& assignment, const std::string& option) {
    const auto equals = assignment.find('=');
    if (equals == std::string::npos || assignment.front() != '/')
        refuse_assignment(assignment,
                          "expected /json/pointer=value, for example --set /training/epochs=5.");
    if (!is_utf8(assignment)) refuse_assignment(assignment, "this is no UTF-8, as JSON has to be.");
    json::json_pointer steps;
    try {
        steps = json::json_pointer(assignment.substr(0, equals));
    } catch (const json::exception&) {
        refuse_assignment(assignment, "in a pointer, '~' is followed by 0 (for ~) or 1 (for /).");
    }
    std::vector<std::string> path;
    for (; !steps.empty(); steps.pop_back()) path.insert(path.begin(), steps.back());

    json* at = &value_;
    std::string pointer, changed;  // changed: what is new or other than in the text
    for (std::size_t i = 0; i < path.size(); ++i) {
        const bool last = i + 1 == path.size();
        if (at->is_null()) *at = path[i] == "0" || path[i] == "-" ? json::array() : json::object();
        if (at->is_object()) {
            const bool known = at->contains(path[i]);
            pointer = extended(pointer, path[i]);
            if (!known && changed.empty()) changed = pointer;
            at = &(*at)[path[i]];
        } else if (at->is_array()) {
            const std::size_t index = index_of(*at, path[i], last, pointer, assignment);
            pointer = fmt::format("{}/{}", pointer, index);
            if (index == at->size()) at->push_back(nullptr);
            at = &(*at)[index];
        } else {
            refuse_assignment(
                assignment,
                fmt::format("{} has no place for it; {} is {}, and the pointer has to lead "
                            "through objects by key and through arrays by index.",
                            name_, pointer.empty() ? "it" : pointer, shown(*at)));
        }
    }
    *at = value_from(assignment, assignment.substr(equals + 1));
    overridden_[changed.empty() ? pointer : changed] =
        option.empty() ? "--set " + cut(assignment) : option;
}

Problems Document::located(Problems problems) const {
    std::vector<std::string> in_text;
    for (Problem& problem : problems) {
        if (!problem.file.empty()) continue;
        problem.file = name_;
        for (std::string around = problem.pointer;; around = enclosing(around)) {
            if (const auto given = overridden_.find(around); given != overridden_.end()) {
                problem.file = given->second;
                break;
            }
            if (around.empty()) {
                in_text.push_back(problem.pointer);
                break;
            }
        }
    }
    if (in_text.empty()) return problems;
    const auto lines = lines_of(text_, in_text);
    for (Problem& problem : problems)
        if (problem.file == name_ && problem.line == 0)
            if (const auto line = lines.find(problem.pointer); line != lines.end())
                problem.line = line->second;
    return problems;
}

}  // namespace synfire
