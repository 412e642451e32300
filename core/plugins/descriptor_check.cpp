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
    if (!is_identifier(p.name)) return "a parameter has no proper name";
    if (!p.doc || !*p.doc || !p.unit)
        return fmt::format("parameter '{}' has no doc or unit string", p.name);
    if (p.type < SYNFIRE_REAL || p.type > SYNFIRE_CHOICE)
        return fmt::format("parameter '{}' has the unknown type {}", p.name, p.type);
    if (p.type == SYNFIRE_CHOICE && (!p.choices || p.choice_count == 0))
        return fmt::format("parameter '{}' is a choice without choices", p.name);
    const double value = p.default_value;
    if (!within_bounds(p, value))
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

enum class Kind { neuron, gradient_rule, weight_rule, release, loss };

bool allows(Kind kind, std::uint32_t scope) {
    switch (kind) {
        case Kind::neuron:
            return scope == SYNFIRE_PER_NEURON;
        case Kind::gradient_rule:
            return scope == SYNFIRE_PER_PRE || scope == SYNFIRE_PER_POST ||
                   scope == SYNFIRE_PER_PROJECTION;
        case Kind::weight_rule:
            return scope == SYNFIRE_PER_PRE || scope == SYNFIRE_PER_POST ||
                   scope == SYNFIRE_PER_SYNAPSE;
        default:
            return scope == SYNFIRE_PER_PRE;
    }
}

std::optional<std::string> broken_description(const synfire_description* d, Kind kind) {
    if (!is_identifier(d->id)) return "an id is not made of letters, digits and underscores";
    if (!d->version || !d->doc) return fmt::format("'{}' has no version or doc string", d->id);
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
        if (!is_identifier(v.name) || !v.doc || !v.unit)
            return fmt::format("'{}' describes a variable improperly", d->id);
        if (v.dtype < SYNFIRE_F32 || v.dtype > SYNFIRE_U32)
            return fmt::format("variable '{}' of '{}' has an unknown type", v.name, d->id);
        if (!allows(kind, v.scope))
            return fmt::format("variable '{}' of '{}' has a scope not meant for it", v.name, d->id);
        if ((v.flags & SYNFIRE_VARIABLE_KEPT) &&
            (kind != Kind::neuron || (v.dtype != SYNFIRE_F32 && v.dtype != SYNFIRE_F64) ||
             v.count_parameter >= 0))
            return fmt::format(
                "variable '{}' of '{}' is kept, which one real number a neuron can be", v.name,
                d->id);
        if (kind == Kind::weight_rule && (v.dtype != SYNFIRE_F32 || v.count_parameter >= 0))
            return fmt::format(
                "variable '{}' of '{}' is no single float, as those of a rule that "
                "writes weights are",
                v.name, d->id);
        if (kind == Kind::release && v.count_parameter >= 0)
            return fmt::format(
                "variable '{}' of '{}' has several columns, and those of a release "
                "have one",
                v.name, d->id);
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

bool within_bounds(const synfire_parameter& p, double value) {
    return (p.flags & SYNFIRE_OPEN_MIN ? value > p.min : value >= p.min) &&
           (p.flags & SYNFIRE_OPEN_MAX ? value < p.max : value <= p.max);
}

std::optional<std::string> broken_promise(const synfire_neuron& n) {
    if (auto reason = broken_description(n.description, Kind::neuron)) return reason;
    if (!n.create || !n.destroy || !n.advance)
        return fmt::format("'{}' lacks create, destroy or advance", n.description->id);
    const bool spikes = n.flags & SYNFIRE_NEURON_SPIKES;
    if (!spikes &&
        (n.description->variable_count == 0 || n.description->variables[0].dtype != SYNFIRE_F32))
        return fmt::format("'{}' neither spikes nor has a float output", n.description->id);
    return std::nullopt;
}

std::optional<std::string> broken_promise(const synfire_rule& r) {
    const bool weights = r.flags & SYNFIRE_RULE_WRITES_WEIGHTS;
    if (auto reason =
            broken_description(r.description, weights ? Kind::weight_rule : Kind::gradient_rule))
        return reason;
    if (!r.create || !r.destroy)
        return fmt::format("'{}' lacks create or destroy", r.description->id);
    constexpr std::uint32_t most_variables = 8;
    if (weights && r.description->variable_count > most_variables)
        return fmt::format("'{}' writes weights and has more than {} variables", r.description->id,
                           most_variables);
    if (weights && (!r.row || !r.post_spike || !r.memory))
        return fmt::format("'{}' writes weights and lacks row, post_spike or memory",
                           r.description->id);
    if (r.flags & SYNFIRE_RULE_IDLE_WITHOUT_TARGET)
        for (std::uint32_t v = 0; v < r.description->variable_count; ++v)
            if (r.description->variables[v].scope == SYNFIRE_PER_SYNAPSE)
                return fmt::format(
                    "'{}' has a variable '{}' a synapse, and says that nothing changes a synapse "
                    "before its target fires",
                    r.description->id, r.description->variables[v].name);
    if (!weights && (!r.on_tick || !r.on_window_end))
        return fmt::format("'{}' writes a gradient and lacks on_tick or on_window_end",
                           r.description->id);
    return std::nullopt;
}

std::optional<std::string> broken_promise(const synfire_release& r) {
    if (auto reason = broken_description(r.description, Kind::release)) return reason;
    if (!r.create || !r.destroy || !r.release)
        return fmt::format("'{}' lacks create, destroy or release", r.description->id);
    return std::nullopt;
}

std::optional<std::string> broken_promise(const synfire_loss& l) {
    if (auto reason = broken_description(l.description, Kind::loss)) return reason;
    const char* const id = l.description->id;
    if (!l.create || !l.destroy || !l.scope || !l.evaluate)
        return fmt::format("'{}' lacks create, destroy, scope or evaluate", id);
    if (l.description->variable_count > 0)
        return fmt::format("'{}' has variables, and a loss has none", id);
    if (!(l.flags & (SYNFIRE_LOSS_OF_VALUES | SYNFIRE_LOSS_OF_SPIKES)))
        return fmt::format("'{}' is a loss of neither values nor spikes", id);
    if (!(l.flags & (SYNFIRE_LOSS_TAKES_CLASS | SYNFIRE_LOSS_TAKES_VALUES |
                     SYNFIRE_LOSS_TAKES_FRAMES | SYNFIRE_LOSS_TAKES_EVENTS)))
        return fmt::format("'{}' is a loss that takes no target", id);
    return std::nullopt;
}

}  // namespace synfire
