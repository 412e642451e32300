#include "base/names.hpp"

#include <fmt/format.h>

#include "base/printable.hpp"

namespace synfire {

std::string fault_of_name(std::string_view name, bool of_projection) {
    constexpr std::size_t longest = 100;
    constexpr std::string_view refused = "/\\\"'`:*?<>|";
    std::string why;
    if (name.empty())
        why = "is empty";
    else if (name.size() > longest)
        why = fmt::format("has {} bytes", name.size());
    else if (name == "." || name == "..")
        why = "means a folder";
    else if (name.front() == ' ' || name.back() == ' ' || name.back() == '.')
        why = "begins or ends with a space, or ends with a dot";
    for (std::size_t at = 0; at < name.size() && why.empty();) {
        const std::size_t begin = at;
        const auto point = next_code_point(name, at);
        if (!point)
            why = "is no UTF-8";
        else if (is_control(*point))
            why = "has a control character";
        else if (refused.find(name[begin]) != refused.npos && !(of_projection && *point == U'>'))
            why = fmt::format("has a {}", name[begin]);
    }
    if (why.empty()) return "";
    return fmt::format(
        "This name {}. Names stand in files and folders, so they have 1 to {} bytes: letters of "
        "any "
        "script, digits and signs other than / \\ \" ' ` : * ? < {}and |, without a space at "
        "either "
        "end or a dot at the last.",
        why, longest, of_projection ? "" : "> ");
}

}  // namespace synfire
