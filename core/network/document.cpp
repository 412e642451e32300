#include "network/document.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <sstream>

namespace synfire {
namespace {

using json = nlohmann::json;

// Walks the text for the parser and counts what it has passed.
struct Cursor {
    const char* at;
    const char* end;
    int line = 1;
};

class CountingIterator {
  public:
    using iterator_category = std::input_iterator_tag;
    using value_type = char;
    using difference_type = std::ptrdiff_t;
    using pointer = const char*;
    using reference = const char&;

    explicit CountingIterator(Cursor* cursor) : cursor_(cursor) {}
    reference operator*() const { return *cursor_->at; }
    CountingIterator& operator++() {
        if (*cursor_->at == '\n') ++cursor_->line;
        ++cursor_->at;
        return *this;
    }
    CountingIterator operator++(int) {
        auto before = *this;
        ++*this;
        return before;
    }
    bool operator==(const CountingIterator& other) const { return at_end() == other.at_end(); }
    bool operator!=(const CountingIterator& other) const { return !(*this == other); }

  private:
    bool at_end() const { return !cursor_ || cursor_->at == cursor_->end; }
    Cursor* cursor_;
};

std::string escaped(std::string_view key) {
    std::string text;
    for (const char c : key) text += c == '~' ? "~0" : c == '/' ? "~1" : std::string(1, c);
    return text;
}

// Builds the value and notes the line of everything in it.
class Builder : public nlohmann::json_sax<json> {
  public:
    Builder(const Cursor& cursor, json& root, std::map<std::string, int>& lines)
        : cursor_(cursor), root_(root), lines_(lines) {}

    Problems problems;

    bool null() override { return put(nullptr); }
    bool boolean(bool value) override { return put(value); }
    bool number_integer(number_integer_t value) override { return put(value); }
    bool number_unsigned(number_unsigned_t value) override { return put(value); }
    bool number_float(number_float_t value, const string_t&) override { return put(value); }
    bool string(string_t& value) override { return put(std::move(value)); }
    bool binary(binary_t&) override { return false; }
    bool start_object(std::size_t) override { return open(json::object()); }
    bool start_array(std::size_t) override { return open(json::array()); }
    bool end_object() override { return close(); }
    bool end_array() override { return close(); }
    bool key(string_t& name) override {
        key_ = name;
        const std::string pointer = path_.back() + "/" + escaped(name);
        if (stack_.back()->contains(name))
            problems.push_back(
                {pointer, fmt::format("'{}' is given twice.", name), "", cursor_.line});
        lines_[pointer] = cursor_.line;
        return true;
    }
    bool parse_error(std::size_t, const std::string&, const json::exception& error) override {
        std::string what = error.what();
        if (const auto at = what.find("] "); at != std::string::npos) what = what.substr(at + 2);
        problems.push_back({"", fmt::format("This is no JSON: {}.", what), "", cursor_.line});
        return false;
    }

  private:
    json* place(json&& value) {
        if (stack_.empty()) {
            root_ = std::move(value);
            lines_[""] = cursor_.line;
            return &root_;
        }
        json& parent = *stack_.back();
        if (parent.is_object()) return &(parent[key_] = std::move(value));
        lines_[fmt::format("{}/{}", path_.back(), parent.size())] = cursor_.line;
        parent.push_back(std::move(value));
        return &parent.back();
    }
    bool put(json value) {
        place(std::move(value));
        return true;
    }
    bool open(json value) {
        std::string path;
        if (!stack_.empty())
            path = stack_.back()->is_object()
                       ? path_.back() + "/" + escaped(key_)
                       : fmt::format("{}/{}", path_.back(), stack_.back()->size());
        stack_.push_back(place(std::move(value)));
        path_.push_back(std::move(path));
        return true;
    }
    bool close() {
        stack_.pop_back();
        path_.pop_back();
        return true;
    }

    const Cursor& cursor_;
    json& root_;
    std::map<std::string, int>& lines_;
    std::vector<json*> stack_;
    std::vector<std::string> path_;
    std::string key_;
};

}  // namespace

Document Document::from_text(std::string_view text, std::string name) {
    Document document;
    document.name_ = std::move(name);
    Cursor cursor{text.data(), text.data() + text.size()};
    Builder builder(cursor, document.value_, document.lines_);
    json::sax_parse(CountingIterator(&cursor), CountingIterator(nullptr), &builder);
    if (!builder.problems.empty()) {
        for (Problem& problem : builder.problems) problem.file = document.name_;
        throw InputError(builder.problems);
    }
    return document;
}

Document Document::from_file(const std::string& path) {
    std::ifstream stream(path, std::ios::binary);
    std::stringstream text;
    if (stream) text << stream.rdbuf();
    if (!stream || !text)
        throw InputError(
            fmt::format("{}: the file cannot be read; give a JSON experiment such as "
                        "those in models/.",
                        path));
    return from_text(text.str(), path);
}

void Document::set(const std::string& assignment, const std::string& option) {
    const auto equals = assignment.find('=');
    if (equals == std::string::npos || assignment.front() != '/')
        throw InputError(
            fmt::format("--set {}: expected /json/pointer=value, for example "
                        "--set /training/epochs=5.",
                        assignment));
    const std::string pointer = assignment.substr(0, equals);
    const std::string text = assignment.substr(equals + 1);
    json value = json::parse(text, nullptr, false);
    if (value.is_discarded()) value = text;
    try {
        value_[json::json_pointer(pointer)] = std::move(value);
    } catch (const json::exception&) {
        throw InputError(
            fmt::format("--set {}: {} has no place for it; the pointer has to lead "
                        "through objects by key and through arrays by an index that "
                        "exists.",
                        assignment, name_));
    }
    overridden_[pointer] = option;
}

Problems Document::located(Problems problems) const {
    for (Problem& problem : problems) {
        if (!problem.file.empty()) continue;
        const auto given = std::ranges::find_if(overridden_, [&](const auto& entry) {
            return problem.pointer.starts_with(entry.first);
        });
        problem.file = given != overridden_.end() ? given->second : name_;
        if (given != overridden_.end()) continue;
        // The nearest enclosing value that the text has: a missing key has no line of its own.
        for (std::string pointer = problem.pointer;; pointer.resize(pointer.rfind('/'))) {
            if (const auto found = lines_.find(pointer); found != lines_.end()) {
                problem.line = found->second;
                break;
            }
            if (pointer.find('/') == std::string::npos) break;
        }
    }
    return problems;
}

}  // namespace synfire
