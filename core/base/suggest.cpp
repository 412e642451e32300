#include "base/suggest.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace synfire {
namespace {

// Damerau and Levenshtein's distance in its restricted form (optimal string alignment).
std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::vector<std::size_t>> d(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
    for (std::size_t i = 0; i <= a.size(); ++i) d[i][0] = i;
    for (std::size_t j = 0; j <= b.size(); ++j) d[0][j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i)
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t change = a[i - 1] == b[j - 1] ? 0 : 1;
            d[i][j] = std::min({d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + change});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
        }
    return d[a.size()][b.size()];
}

}  // namespace

std::string did_you_mean(std::string_view name, const std::vector<std::string>& allowed) {
    std::size_t best = std::string::npos;
    std::string_view nearest;
    for (const std::string& candidate : allowed)
        if (const std::size_t d = distance(name, candidate); d < best) {
            best = d;
            nearest = candidate;
        }
    const bool near = !nearest.empty() && best <= std::max<std::size_t>(1, nearest.size() / 3);
    return near ? fmt::format("; did you mean '{}'?", nearest) : "";
}

std::string list_of(const std::vector<std::string>& names) {
    if (names.empty()) return "none";
    std::string text;
    for (std::size_t i = 0; i < names.size(); ++i)
        text +=
            fmt::format("{}'{}'", i == 0 ? "" : (i + 1 == names.size() ? " or " : ", "), names[i]);
    return text;
}

}  // namespace synfire
