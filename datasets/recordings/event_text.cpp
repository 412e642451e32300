// Lines "t x y p", as the Event Camera Dataset has them (Mueggler et al. 2017): t in seconds where
// the first has a point, in microseconds otherwise; p is 0 or -1 (OFF) or 1 (ON). Numbers are
// parted by blanks, tabs or commas. A line "columns rows" may come first; lines that begin with '#'
// are passed over.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <utility>

#include "base/printable.hpp"
#include "base/problem.hpp"
#include "recordings/containers.hpp"

namespace synfire {
namespace {

constexpr std::size_t longest_event_line = 256;

bool is_parting(char c) {
    return c == ' ' || c == '\t' || c == ',' || c == '\r';
}

// The texts of a line, four at most; one more says that there are more.
struct Texts {
    std::array<std::string_view, 5> at;
    std::size_t count = 0;
};
Texts texts_of(std::string_view line) {
    Texts texts;
    for (std::size_t i = 0; i < line.size() && texts.count < texts.at.size();) {
        while (i < line.size() && is_parting(line[i])) ++i;
        std::size_t end = i;
        while (end < line.size() && !is_parting(line[end])) ++end;
        if (end > i) texts.at[texts.count++] = line.substr(i, end - i);
        i = end;
    }
    return texts;
}

template <class Number>
std::optional<Number> number_of(std::string_view text) {
    Number value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

std::optional<std::int64_t> text_time(std::string_view text, bool seconds) {
    if (!seconds) return number_of<std::int64_t>(text);
    const auto time = number_of<double>(text);
    if (!time || !(std::fabs(*time) < 9e12)) return std::nullopt;
    return static_cast<std::int64_t>(std::llround(*time * 1e6));
}

std::optional<CameraEvent> event_of_texts(const Texts& texts, bool seconds) {
    if (texts.count != 4) return std::nullopt;
    const auto time = text_time(texts.at[0], seconds);
    const auto x = number_of<std::uint16_t>(texts.at[1]), y = number_of<std::uint16_t>(texts.at[2]);
    const auto polarity = number_of<int>(texts.at[3]);
    if (!time || !x || !y || !polarity || *polarity < -1 || *polarity > 1) return std::nullopt;
    return CameraEvent{*time, *x, *y, static_cast<std::uint8_t>(*polarity == 1)};
}

bool in_seconds(std::string_view time) {
    return time.find_first_of(".eE") != time.npos;
}

class EventText final : public Decoder {
  public:
    explicit EventText(ByteSource source) : source_(std::move(source)) {
        info_.container = event_text.name;
    }

  private:
    bool decode(EventBlock& block) override {
        while (block.has_room()) {
            const std::optional<std::string_view> line = next_line();
            if (!line) return false;
            const Texts texts = texts_of(*line);
            if (texts.count == 0) continue;
            if (texts.at[0].starts_with('#')) {
                info_.pass_over("comments");
                continue;
            }
            if (first_ && texts.count == 2) {
                const auto columns = number_of<std::uint16_t>(texts.at[0]),
                           rows = number_of<std::uint16_t>(texts.at[1]);
                if (columns && rows && info_.columns == 0) {
                    info_.columns = *columns;
                    info_.rows = *rows;
                    continue;
                }
            }
            if (first_) seconds_ = in_seconds(texts.at[0]);
            first_ = false;
            const auto event = event_of_texts(texts, seconds_);
            if (!event)
                throw InputError(
                    {{"",
                      fmt::format("'{}' is no event; 't x y p' is expected, with t in {}, x and y "
                                  "from 0 to 65535, and p 0, 1 or -1.",
                                  printable(*line), seconds_ ? "seconds" : "whole microseconds"),
                      source_.path(),
                      static_cast<int>(std::min<std::uint64_t>(line_, INT32_MAX))}});
            block.add(event->time_us, event->x, event->y, event->polarity);
        }
        return true;
    }

    // Without its end; holds until the next.
    std::optional<std::string_view> next_line() {
        source_.take(std::exchange(taken_, 0));
        const auto bytes = source_.ahead(longest_event_line);
        const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
        if (text.empty()) return std::nullopt;
        ++line_;
        const std::string_view line = text.substr(0, text.find('\n'));
        if (line.size() > longest_event_line)
            throw InputError(
                {{"",
                  fmt::format("The line has more than {} bytes; 't x y p' is expected.",
                              longest_event_line),
                  source_.path(), static_cast<int>(std::min<std::uint64_t>(line_, INT32_MAX))}});
        taken_ = std::min(line.size() + 1, text.size());
        return line;
    }

    ByteSource source_;
    std::size_t taken_ = 0;  // bytes of the line that was handed out
    std::uint64_t line_ = 0;
    bool first_ = true, seconds_ = false;
};

// A first line that is an event, or the second one below a size.
bool begins_text(std::span<const unsigned char> bytes, std::uint64_t, std::string_view) {
    std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    bool sized = false;
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        const std::string_view line = text.substr(0, end);
        text.remove_prefix(end == text.npos ? text.size() : end + 1);
        if (line.size() > longest_event_line && !line.starts_with('#')) return false;
        const Texts texts = texts_of(line);
        if (texts.count == 0 || (texts.at[0].starts_with('#') && !line.starts_with("#!AER")))
            continue;
        if (!sized && texts.count == 2 && number_of<std::uint16_t>(texts.at[0]) &&
            number_of<std::uint16_t>(texts.at[1])) {
            sized = true;
            continue;
        }
        return event_of_texts(texts, in_seconds(texts.at[0])).has_value();
    }
    return false;
}

}  // namespace

const Container event_text = {"text", "lines 't x y p' (.txt, .csv)", begins_text,
                              [](ByteSource source) -> std::unique_ptr<Decoder> {
                                  return std::make_unique<EventText>(std::move(source));
                              }};

}  // namespace synfire
