#include "recordings/header.hpp"

#include <algorithm>
#include <cctype>

namespace synfire {
namespace {

constexpr std::size_t longest_line = std::size_t{1} << 20;

bool is_text_character(unsigned char c) {
    return c >= 0x20 || c == '\t' || c == '\r' || c == '\n';
}

}  // namespace

bool is_of_another_kind(std::span<const unsigned char> beginning) {
    static constexpr std::string_view marks[] = {
        "\x93NUMPY",    "PK\3\4", "\x1f\x8b",   "\x89HDF", "\x89PNG",
        "\xff\xd8\xff", "MATLAB", "\x7f\x45LF", "#!AER",   "Event Stream"};
    const std::string_view text(reinterpret_cast<const char*>(beginning.data()), beginning.size());
    return std::ranges::any_of(marks,
                               [&](std::string_view mark) { return text.starts_with(mark); }) ||
           std::ranges::all_of(beginning, is_text_character);
}

bool has_ending(std::string_view name, std::string_view ending) {
    if (name.size() < ending.size()) return false;
    return std::ranges::equal(name.substr(name.size() - ending.size()), ending, [](char a, char b) {
        return std::tolower(static_cast<unsigned char>(a)) == b;
    });
}

std::vector<std::string> take_header(ByteSource& source, std::string_view mark,
                                     std::string_view last) {
    std::vector<std::string> lines;
    bool first_returns = false;
    for (std::size_t wanted = 256; wanted <= longest_line;) {
        const auto bytes = source.ahead(wanted);
        const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
        if (!text.starts_with(mark)) break;
        const std::size_t end = text.find('\n');
        if (end == text.npos) {
            if (bytes.size() < wanted) break;
            wanted = bytes.size() + 256;
            continue;
        }
        // Bytes of events may look like a line, which then would end in another way than the first.
        const bool returns = end > 0 && text[end - 1] == '\r';
        if (lines.empty()) first_returns = returns;
        if (returns != first_returns) break;
        std::string line(text.substr(0, end));
        if (!std::ranges::all_of(line, is_text_character)) break;
        source.take(end + 1);
        while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.pop_back();
        lines.push_back(std::move(line));
        if (!last.empty() && lines.back() == last) break;
        wanted = 256;
    }
    return lines;
}

std::string header_value(const std::vector<std::string>& lines, std::string_view key) {
    for (const std::string& line : lines) {
        if (!line.starts_with(key)) continue;
        const std::size_t begin = line.find_first_not_of(" \t:", key.size());
        return begin == line.npos ? "" : line.substr(begin);
    }
    return "";
}

}  // namespace synfire
