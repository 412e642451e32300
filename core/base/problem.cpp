#include "base/problem.hpp"

#include <fmt/format.h>

#include "base/printable.hpp"

namespace synfire {

std::string to_text(const Problem& problem) {
    std::string place = problem.file;
    if (problem.line > 0) place += fmt::format(":{}", problem.line);
    if (!problem.pointer.empty())
        place += fmt::format("{}{}", place.empty() ? "" : ": ", problem.pointer);
    return printable(place.empty() ? problem.message
                                   : fmt::format("{}: {}", place, problem.message));
}

InputError::InputError(Problems problems) : problems_(std::move(problems)) {
    for (const Problem& problem : problems_) {
        if (!text_.empty()) text_ += '\n';
        text_ += to_text(problem);
    }
}

}  // namespace synfire
