#include "recordings/header.hpp"

#include <algorithm>

namespace synfire {
namespace {

constexpr std::size_t longest_line = std::size_t{1} << 20;

bool is_text_character(unsigned char c) {
    return c >= 0x20 || c == '\t' || c == '\r' || c == '\n';
}

}  // namespace

bool is_of_another_kind(std::span<const unsigned char> beginning) {
    static constexpr std::string_view marks[] = {"\x93NUMPY", "PK\3\4",    "\x1f\x8b",
                                                 "\x89HDF",   "\x89PNG",   "\xff\xd8\xff",
                                                 "MATLAB",    "\x7f\x45LF"};
    const std::string_view text(reinterpret_cast<const char*>(beginning.data()), beginning.size());
    return std::ranges::any_of(marks,
                               [&](std::string_view mark) { return text.starts_with(mark); }) ||
           std::ranges::all_of(beginning, is_text_character);
}

std::vector<std::string> take_header(ByteSource& source, std::string_view mark,
                                     std::string_view last) {
    std::vector<std::string> lines;
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
