#include "base/numbers.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cmath>

namespace synfire {

bool fits_single(double value) {
    const double size = std::fabs(value);
    return size == 0 || (size >= least_single && size <= largest_single);
}

std::optional<std::int64_t> exact_whole(double value) {
    if (!(std::fabs(value) <= largest_whole) || std::floor(value) != value) return std::nullopt;
    return static_cast<std::int64_t>(value);
}

std::optional<std::int64_t> whole_from(std::string_view text) {
    double value = 0;
    const char* const end = text.data() + text.size();
    const auto read = std::from_chars(text.data(), end, value);
    if (read.ec != std::errc() || read.ptr != end) return std::nullopt;
    return exact_whole(value);
}

std::string number_text(double value) {
    const auto exact = exact_whole(value);
    if (!exact) return fmt::format("{}", value);
    const std::string digits = fmt::format("{}", *exact);
    const std::size_t last = digits.find_last_not_of('0');
    const std::size_t zeros = last == std::string::npos ? 0 : digits.size() - 1 - last;
    return zeros >= 7 ? fmt::format("{}e{}", digits.substr(0, last + 1), zeros) : digits;
}

}  // namespace synfire
