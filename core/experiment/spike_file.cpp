#include "experiment/spike_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/excerpt.hpp"
#include "base/problem.hpp"
#include "base/text_file.hpp"

namespace synfire {
namespace {

constexpr std::string_view header = "tick,neuron";

std::string_view trimmed(std::string_view text) {
    const auto begin = text.find_first_not_of(" \t");
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

bool read_number(std::string_view text, std::uint64_t& number) {
    text = trimmed(text);
    const auto result = std::from_chars(text.data(), text.data() + text.size(), number);
    return result.ec == std::errc() && result.ptr == text.data() + text.size();
}

// "12,3" in full.
bool read_event(std::string_view line, std::uint32_t neurons, SpikeEvent& event) {
    const auto comma = line.find(',');
    std::uint64_t tick = 0, neuron = 0;
    if (comma == std::string_view::npos || !read_number(line.substr(0, comma), tick) ||
        !read_number(line.substr(comma + 1), neuron) || tick >= SpikeEvent::most_ticks ||
        neuron >= neurons)
        return false;
    event = {static_cast<std::int64_t>(tick), static_cast<std::uint32_t>(neuron)};
    return true;
}

}  // namespace

std::string read_spike_text(std::string_view text, std::uint32_t neurons,
                            std::vector<SpikeEvent>& events) {
    if (text.starts_with("\xff\xfe") || text.starts_with("\xfe\xff"))
        return "the text is UTF-16; ASCII or UTF-8 is expected.";
    if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
    bool first = true;  // no line yet that is not blank
    for (std::size_t number = 1; !text.empty(); ++number) {
        std::string_view line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(text.size(), line.size() + 1));
        if (line.ends_with('\r')) line.remove_suffix(1);
        line = trimmed(line);
        if (line.empty()) continue;
        const bool is_header = first && line == header;
        first = false;
        if (is_header) continue;
        if (line.find('\r') != std::string_view::npos)
            return fmt::format(
                "line {}: {} has carriage returns within it; lines end with LF or CR LF.", number,
                excerpt(line));
        SpikeEvent event{};
        if (!read_event(line, neurons, event))
            return fmt::format(
                "line {}: {} is no event; expected tick,neuron with a tick of 0 to {} and a neuron "
                "of 0 to {}{}.",
                number, excerpt(line), SpikeEvent::most_ticks - 1, neurons - 1,
                line.starts_with(header) ? "; the header stands once, alone on the first line"
                                         : "");
        events.push_back(event);
    }
    if (first)
        return fmt::format("the file is empty; the header \"{}\" or events are expected.", header);
    return "";
}

std::string read_spike_file(const std::string& path, std::uint32_t neurons,
                            std::vector<SpikeEvent>& events) {
    std::string text;
    try {
        text = read_text_file(path, "a CSV file");
    } catch (const InputError& error) {
        return error.problems().front().message;
    }
    const std::string problem = read_spike_text(text, neurons, events);
    return problem.empty() ? "" : fmt::format("{}: {}", path, problem);
}

}  // namespace synfire
