#include "base/problem.hpp"

#include <fmt/format.h>

namespace synfire {

std::string to_text(const Problem& problem) {
    std::string text;
    if (!problem.file.empty()) text += problem.file + ":";
    if (problem.line > 0) text += fmt::format("{}:", problem.line);
    if (!text.empty()) text += " ";
    if (!problem.pointer.empty()) text += problem.pointer + ": ";
    return text + problem.message;
}

InputError::InputError(Problems problems) : problems_(std::move(problems)) {
    for (const Problem& problem : problems_)
        text_ += (text_.empty() ? "" : "\n") + to_text(problem);
}

}  // namespace synfire
