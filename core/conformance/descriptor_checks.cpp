#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <string>
#include <string_view>

#include "conformance/subject.hpp"
#include "plugins/descriptor_check.hpp"

namespace synfire::conformance {

// What a model says of itself, beyond what the loader refuses.
void check_descriptors(Subject& subject);

namespace {

void require_line(const char* text, const std::string& what) {
    if (!text || !*text) throw Fault(fmt::format("{} is empty", what));
    for (const char* c = text; *c; ++c)
        if (static_cast<unsigned char>(*c) < 0x20)
            throw Fault(fmt::format("{} is not one line of text", what));
}

void require_version(std::string_view version) {
    int numbers = 0;
    bool digits = false;
    for (const char c : version) {
        if (c >= '0' && c <= '9')
            numbers += !std::exchange(digits, true);
        else if (c == '.' && digits)
            digits = false;
        else
            numbers = -100;
    }
    if (numbers != 3 || !digits)
        throw Fault(fmt::format("its version '{}' is not three numbers, such as 1.0.0", version));
}

void require_sound(const synfire_parameter& p) {
    const std::string name = fmt::format("parameter '{}'", p.name);
    require_line(p.doc, "the doc of " + name);
    if (p.flags & ~static_cast<std::uint32_t>(SYNFIRE_OPEN_MIN | SYNFIRE_OPEN_MAX))
        throw Fault(fmt::format("{} has flags that there are not", name));
    const bool number = p.type == SYNFIRE_REAL || p.type == SYNFIRE_INTEGER;
    if (number && !(p.min <= p.max))
        throw Fault(fmt::format("the range of {} is from {} to {}, which holds nothing", name,
                                p.min, p.max));
    if (p.type != SYNFIRE_CHOICE) return;
    std::set<std::string_view> words;
    for (std::uint32_t c = 0; c < p.choice_count; ++c) {
        require_line(p.choices[c], fmt::format("choice {} of {}", c, name));
        if (!words.insert(p.choices[c]).second)
            throw Fault(fmt::format("{} has the choice '{}' twice", name, p.choices[c]));
    }
}

void require_sound(const synfire_variable& v) {
    require_line(v.doc, fmt::format("the doc of variable '{}'", v.name));
    if (v.flags & ~static_cast<std::uint32_t>(SYNFIRE_VARIABLE_KEPT))
        throw Fault(fmt::format("variable '{}' has flags that there are not", v.name));
    if (std::isnan(v.initial))
        throw Fault(fmt::format("variable '{}' begins as no number", v.name));
}

}  // namespace

void check_descriptors(Subject& subject) {
    const auto broken =
        std::visit([](const auto* table) { return broken_promise(*table); }, subject.table());
    if (broken) throw Fault(*broken);
    const synfire_description& d = subject.description();
    if (std::ranges::any_of(std::string_view(d.id), [](char c) { return c >= 'A' && c <= 'Z'; }))
        throw Fault(fmt::format("its id '{}' is not in lower case", d.id));
    require_version(d.version);
    require_line(d.doc, "its doc");
    for (std::uint32_t p = 0; p < d.parameter_count; ++p) require_sound(d.parameters[p]);
    for (std::uint32_t v = 0; v < d.variable_count; ++v) require_sound(d.variables[v]);
}

}  // namespace synfire::conformance
