#include "plugins/descriptor_check.hpp"

#include <fmt/format.h>

#include <cmath>
#include <set>
#include <string_view>

#include "base/numbers.hpp"

namespace synfire {
namespace {

bool is_identifier(const char* text) {
    if (!text || !*text) return false;
    for (const char* c = text; *c; ++c)
        if (!((*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') || (*c >= '0' && *c <= '9') ||
              *c == '_'))
            return false;
    return true;
}

std::optional<std::string> broken_parameter(const synfire_parameter& p) {
    if (p.size < sizeof(synfire_parameter)) return "a parameter's descriptor is too short";
    if (!is_identifier(p.name)) return "a parameter has no proper name";
    if (!p.doc || !*p.doc || !p.unit)
        return fmt::format("parameter '{}' has no doc or unit string", p.name);
    if (p.type < SYNFIRE_REAL || p.type > SYNFIRE_CHOICE)
        return fmt::format("parameter '{}' has the unknown type {}", p.name, p.type);
    if (p.type == SYNFIRE_CHOICE && (!p.choices || p.choice_count == 0))
        return fmt::format("parameter '{}' is a choice without choices", p.name);
    const double value = p.default_value;
    const bool below = p.flags & SYNFIRE_OPEN_MIN ? value <= p.min : value < p.min;
    const bool above = p.flags & SYNFIRE_OPEN_MAX ? value >= p.max : value > p.max;
    if (std::isnan(value) || below || above)
        return fmt::format("the default {} of parameter '{}' is out of its own range", value,
                           p.name);
    if (p.type == SYNFIRE_INTEGER && !exact_whole(value))
        return fmt::format("the default {} of the integer parameter '{}' is no whole number", value,
                           p.name);
    if (p.type == SYNFIRE_CHOICE && !(exact_whole(value) && value >= 0 && value < p.choice_count))
        return fmt::format("the default {} of parameter '{}' is the number of no choice", value,
                           p.name);
    if (p.type == SYNFIRE_REAL && !std::isfinite(value))
        return fmt::format("the default of parameter '{}' is not finite", p.name);
    return std::nullopt;
}

std::optional<std::string> broken_description(const synfire_description* d, bool for_neurons) {
    if (!d || d->size < sizeof(synfire_description)) return "a description is missing or too short";
    if (!is_identifier(d->id)) return "an id is not made of letters, digits and underscores";
    if (!d->version || !d->doc) return fmt::format("'{}' has no version or doc string", d->id);
    if ((d->parameter_count && !d->parameters) || (d->variable_count && !d->variables))
        return fmt::format("'{}' counts parameters or variables that it does not list", d->id);
    std::set<std::string_view> names;
    for (std::uint32_t i = 0; i < d->parameter_count; ++i) {
        if (auto reason = broken_parameter(d->parameters[i]))
            return fmt::format("in '{}', {}", d->id, *reason);
        if (!names.insert(d->parameters[i].name).second)
            return fmt::format("'{}' has two parameters '{}'", d->id, d->parameters[i].name);
    }
    names.clear();
    for (std::uint32_t i = 0; i < d->variable_count; ++i) {
        const synfire_variable& v = d->variables[i];
        if (v.size < sizeof(synfire_variable) || !is_identifier(v.name) || !v.doc || !v.unit)
            return fmt::format("'{}' describes a variable improperly", d->id);
        if (v.dtype < SYNFIRE_F32 || v.dtype > SYNFIRE_U32)
            return fmt::format("variable '{}' of '{}' has an unknown type", v.name, d->id);
        if (for_neurons != (v.scope == SYNFIRE_PER_NEURON) || v.scope < SYNFIRE_PER_NEURON ||
            v.scope > SYNFIRE_PER_PROJECTION)
            return fmt::format("variable '{}' of '{}' has a scope not meant for it", v.name, d->id);
        if (v.count_parameter >= 0 &&
            (static_cast<std::uint32_t>(v.count_parameter) >= d->parameter_count ||
             d->parameters[v.count_parameter].type != SYNFIRE_INTEGER))
            return fmt::format("variable '{}' of '{}' is counted by no integer parameter", v.name,
                               d->id);
        if (!names.insert(v.name).second)
            return fmt::format("'{}' has two variables '{}'", d->id, v.name);
    }
    return std::nullopt;
}

}  // namespace

std::optional<std::string> broken_promise(const synfire_neuron& n) {
    if (n.size < offsetof(synfire_neuron, adjoint))  // as of 1.0
        return "a neuron's table is too short";
    if (auto reason = broken_description(n.description, true)) return reason;
    if (!n.create || !n.destroy || !n.advance)
        return fmt::format("'{}' lacks create, destroy or advance", n.description->id);
    const bool spikes = n.flags & SYNFIRE_NEURON_SPIKES;
    if (!spikes &&
        (n.description->variable_count == 0 || n.description->variables[0].dtype != SYNFIRE_F32))
        return fmt::format("'{}' neither spikes nor has a float output", n.description->id);
    return std::nullopt;
}

std::optional<std::string> broken_promise(const synfire_rule& r) {
    if (r.size < offsetof(synfire_rule, horizon))  // as of 1.0
        return "a rule's table is too short";
    if (auto reason = broken_description(r.description, false)) return reason;
    if (!r.create || !r.destroy || !r.on_tick || !r.on_window_end)
        return fmt::format("'{}' lacks create, destroy, on_tick or on_window_end",
                           r.description->id);
    return std::nullopt;
}

}  // namespace synfire
