#include "json/json_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>

#include "base/numbers.hpp"

namespace synfire {
namespace {

using json = nlohmann::json;

constexpr std::size_t deepest = 64;  // brackets within each other
constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

std::string_view without_mark(std::string_view text) {
    if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
    return text;
}

// A place in the text, as editors count it: columns are characters.
struct Place {
    int line = 1, column = 1;
};

Place place_of(std::string_view text, std::size_t at) {
    Place place;
    for (const char c : text.substr(0, at))
        if (c == '\n')
            place = {place.line + 1, 1};
        else if ((c & 0xC0) != 0x80)
            ++place.column;
    return place;
}

// Builds the value. Stops at what the text may not have, with the reason.
class Builder : public nlohmann::json_sax<json> {
  public:
    json root;
    std::vector<std::string> twice;  // pointers of keys that are given again
    std::string reason;              // why it stopped, unless the parser failed
    // Where the parser failed: characters read, and what it says of it.
    std::size_t read = 0;
    std::string complaint;

    bool null() override { return put(nullptr); }
    bool boolean(bool value) override { return put(value); }
    bool number_integer(number_integer_t value) override { return put(value); }
    bool number_unsigned(number_unsigned_t value) override { return put(value); }
    bool number_float(number_float_t value, const string_t& text) override {
        const std::string_view digits = std::string_view(text).substr(0, text.find_first_of("eE"));
        if (value != 0 || digits.find_first_of("123456789") == std::string_view::npos)
            return put(value);
        return stop(fmt::format("{} is nearer to 0 than any number that can be held.", text));
    }
    bool string(string_t& value) override { return plain(value) && put(std::move(value)); }
    bool binary(binary_t&) override { return false; }
    bool start_object(std::size_t) override { return open(json::object()); }
    bool start_array(std::size_t) override { return open(json::array()); }
    bool end_object() override { return close(); }
    bool end_array() override { return close(); }
    bool key(string_t& name) override {
        keys_.back() = name;
        if (stack_.back()->contains(name)) twice.push_back(extended(pointer_of_top(), name));
        return plain(name);
    }
    bool parse_error(std::size_t position, const std::string& token,
                     const json::exception& error) override {
        read = position;
        complaint = error.what();
        constexpr int overflow = 406;
        if (error.id == overflow)
            complaint = fmt::format("{} is beyond the largest number that can be held, {:.4g}",
                                    token, std::numeric_limits<double>::max());
        return false;
    }
    // Of the array or object that is being filled.
    std::string pointer_of_top() const {
        std::string pointer;
        for (std::size_t i = 0; i + 1 < stack_.size(); ++i)
            pointer = stack_[i]->is_object() ? extended(pointer, keys_[i])
                                             : fmt::format("{}/{}", pointer, stack_[i]->size() - 1);
        return pointer;
    }

    // Of the value that is being read; "" where brackets are so deep that a line cannot tell it.
    std::string pointer_at() const {
        if (stack_.empty() || stack_.size() == deepest) return "";
        return stack_.back()->is_object()
                   ? extended(pointer_of_top(), keys_.back())
                   : fmt::format("{}/{}", pointer_of_top(), stack_.back()->size());
    }

  private:
    bool plain(const std::string& text) {
        return text.find('\0') == std::string::npos ||
               stop("A text holds the character NUL (\\u0000), which is not allowed.");
    }
    bool stop(std::string why) {
        reason = std::move(why);
        return false;
    }
    json* place(json&& value) {
        if (stack_.empty()) return &(root = std::move(value));
        json& parent = *stack_.back();
        if (parent.is_object()) return &(parent[keys_.back()] = std::move(value));
        parent.push_back(std::move(value));
        return &parent.back();
    }
    bool put(json value) {
        place(std::move(value));
        return true;
    }
    bool open(json value) {
        if (stack_.size() == deepest)
            return stop(
                fmt::format("Brackets stand more than {} deep within each other.", deepest));
        stack_.push_back(place(std::move(value)));
        keys_.emplace_back();
        return true;
    }
    bool close() {
        stack_.pop_back();
        keys_.pop_back();
        return true;
    }

    std::vector<json*> stack_;
    std::vector<std::string> keys_;  // the last key of each object on the stack
};

// The characters around a place that could belong to one number or name.
std::string word_at(std::string_view text, std::size_t at) {
    auto belongs = [&](std::size_t i) {
        const char c = text[i];
        return std::isalnum(static_cast<unsigned char>(c)) || c == '.' || c == '+' || c == '-' ||
               c == '_';
    };
    if (at >= text.size() || !belongs(at)) return "";
    std::size_t first = at, last = at;
    while (first > 0 && belongs(first - 1)) --first;
    while (last + 1 < text.size() && belongs(last + 1)) ++last;
    return std::string(text.substr(first, std::min<std::size_t>(last + 1 - first, 40)));
}

std::string of_word(const std::string& word) {
    std::string lower = word;
    std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return std::tolower(c); });
    const std::string unsigned_word =
        lower.substr(std::min(lower.size(), lower.find_first_not_of("+-")));
    if (unsigned_word == "nan" || unsigned_word == "inf" || unsigned_word == "infinity")
        return fmt::format("{} is no number of JSON; a finite number is expected", word);
    if (lower == "true" || lower == "false" || lower == "null" || lower == "none")
        return fmt::format("{} is unknown; true, false and null are written in small letters",
                           word);
    if (std::isalpha(static_cast<unsigned char>(word.front())) || word.front() == '_')
        return fmt::format("{} stands alone; names and texts are put between double quotes", word);
    if (!json::accept(word))
        return fmt::format("{} is no number of JSON; numbers are written as 0.5, 5 or 1e3", word);
    return "";
}

// What is wrong where the parser stopped, in words. at: of the last character that it read.
std::string in_words(std::string_view text, std::size_t at, const std::string& complaint) {
    auto complains = [&](const char* of) { return complaint.find(of) != std::string::npos; };
    if (complains("largest number")) return complaint;
    if (complains("ill-formed UTF-8")) return "a character is not in UTF-8, as JSON has to be";
    if (complains("surrogate")) return "half of a pair of \\u escapes stands alone";
    if (complains("missing closing quote")) return "a text has no closing double quote";
    if (complains("control character"))
        return "a text goes over the end of its line or holds a control character; \\n and \\t "
               "stand for line ends and tabs";
    if (complains("invalid string"))
        return "after a backslash in a text, one of \"\\/bfnrtu is "
               "expected";
    if (at >= text.size()) return "the text ends before all brackets are closed";
    const char c = text[at];
    const auto before = text.substr(0, at).find_last_not_of(" \t\r\n");
    if ((c == '}' || c == ']') && before != std::string_view::npos && text[before] == ',')
        return fmt::format("a comma stands before '{}'; none follows the last entry", c);
    if (c == '/' || c == '#')
        return "comments are not part of JSON; words can stand in \"description\"";
    if (c == '\'') return "names and texts stand between double quotes, not single ones";
    if (complains("expected end of input"))
        return "something follows the end of the first value; one object { } is expected";
    if (const std::string word = word_at(text, at); !word.empty())
        if (const std::string words = of_word(word); !words.empty()) return words;
    if (complains("parsing object separator")) return "a ':' is expected after a key";
    if (complains("parsing object -") || complains("parsing array -"))
        return fmt::format("a ',' or a '{}' is expected before this",
                           complains("parsing array -") ? ']' : '}');
    if (complains("parsing object key")) return "a key between double quotes is expected";
    return "a value is expected: a number, a \"text\", true, false, null, [ ] or { }";
}

[[noreturn]] void refuse_text(const std::string& name, std::string message, int line = 0) {
    throw InputError({{"", std::move(message), name, line}});
}

// What the parser would pass over or misread.
void check_encoding(std::string_view text, const std::string& name) {
    const std::string_view first = text.substr(0, 4);
    if (first.starts_with("\xFE\xFF") || first.starts_with("\xFF\xFE") ||
        (first.size() == 4 && std::ranges::count(first, '\0') >= 2))
        refuse_text(name, "The text is in UTF-16 or UTF-32; UTF-8 is expected.");
    if (const auto nul = text.find('\0'); nul != std::string_view::npos) {
        const Place place = place_of(text, nul);
        refuse_text(
            name,
            fmt::format("This is no JSON (column {}): a byte of 0 is no character.", place.column),
            place.line);
    }
    if (text.empty()) refuse_text(name, "The file is empty; an experiment { } is expected.");
    if (text.find_first_not_of(" \t\r\n") == std::string_view::npos)
        refuse_text(name, "The file holds only blanks; an experiment { } is expected.");
}

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

// Notes the lines of the values at the pointers that `lines` has; of a key given twice, the last.
class LineFinder : public nlohmann::json_sax<json> {
  public:
    LineFinder(const Cursor& cursor, std::map<std::string, int>& lines)
        : cursor_(cursor), lines_(lines) {}

    bool null() override { return value(cursor_.line); }
    bool boolean(bool) override { return value(cursor_.line); }
    bool number_integer(number_integer_t) override { return number(); }
    bool number_unsigned(number_unsigned_t) override { return number(); }
    bool number_float(number_float_t, const string_t&) override { return number(); }
    bool string(string_t&) override { return value(cursor_.line); }
    bool binary(binary_t&) override { return false; }
    bool start_object(std::size_t) override { return open(false); }
    bool start_array(std::size_t) override { return open(true); }
    bool end_object() override { return close(); }
    bool end_array() override { return close(); }
    bool key(string_t& name) override {
        path_ = extended(path_.substr(0, levels_.back().length), name);
        note(cursor_.line);
        return true;
    }
    bool parse_error(std::size_t, const std::string&, const json::exception&) override {
        return false;
    }

  private:
    struct Level {
        bool array;
        std::size_t count, length;  // values so far; characters of its own pointer
    };
    // The parser reads one character more to see where a number ends.
    bool number() { return value(cursor_.line - (cursor_.at[-1] == '\n' ? 1 : 0)); }
    bool value(int line) {
        if (levels_.empty()) {
            note(line);
        } else if (Level& level = levels_.back(); level.array) {
            path_.resize(level.length);
            path_ += '/';
            path_ += std::to_string(level.count++);
            note(line);
        }
        return true;
    }
    bool open(bool array) {
        value(cursor_.line);
        levels_.push_back({array, 0, path_.size()});
        return true;
    }
    bool close() {
        levels_.pop_back();
        return true;
    }
    void note(int line) {
        if (const auto wanted = lines_.find(path_); wanted != lines_.end()) wanted->second = line;
    }

    const Cursor& cursor_;
    std::map<std::string, int>& lines_;
    std::string path_;
    std::vector<Level> levels_;
};

}  // namespace

std::string enclosing(const std::string& pointer) {
    const auto slash = pointer.rfind('/');
    return slash == std::string::npos ? "" : pointer.substr(0, slash);
}

std::string extended(const std::string& pointer, std::string_view key) {
    std::string text = pointer + '/';
    for (const char c : key)
        text += c == '~' ? "~0" : c == '/' ? "~1" : c == '\0' ? "\\u0000" : std::string(1, c);
    return text;
}

std::map<std::string, int> lines_of(std::string_view text,
                                    const std::vector<std::string>& pointers) {
    text = without_mark(text);
    std::map<std::string, int> found{{"", 0}};
    for (std::string pointer : pointers)
        for (; !pointer.empty(); pointer = enclosing(pointer)) found[pointer] = 0;
    Cursor cursor{text.data(), text.data() + text.size()};
    LineFinder finder(cursor, found);
    json::sax_parse(CountingIterator(&cursor), CountingIterator(nullptr), &finder);
    std::map<std::string, int> lines;
    for (const std::string& pointer : pointers) {
        std::string near = pointer;
        while (found[near] == 0 && !near.empty()) near = enclosing(near);
        lines[pointer] = found[near];
    }
    return lines;
}

json parse_json(std::string_view text, const std::string& name) {
    check_encoding(text, name);
    text = without_mark(text);
    Builder builder;
    const bool whole = json::sax_parse(text.begin(), text.end(), &builder);
    if (!builder.reason.empty()) {
        const std::string pointer = builder.pointer_at();
        throw InputError({{pointer, builder.reason, name, lines_of(text, {pointer})[pointer]}});
    }
    if (!whole) {
        const std::size_t at = builder.read == 0 ? 0 : builder.read - 1;
        const Place place = place_of(text, std::min(at, text.size()));
        refuse_text(name,
                    fmt::format("This is no JSON (column {}): {}.", place.column,
                                in_words(text, at, builder.complaint)),
                    place.line);
    }
    if (!builder.twice.empty()) {
        Problems problems;
        const auto lines = lines_of(text, builder.twice);
        for (const std::string& pointer : builder.twice) {
            const std::string key = json::json_pointer(pointer).back();
            problems.push_back(
                {pointer, fmt::format("'{}' is given twice.", key), name, lines.at(pointer)});
        }
        throw InputError(std::move(problems));
    }
    return std::move(builder.root);
}

}  // namespace synfire
