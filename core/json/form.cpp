#include "json/form.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "base/suggest.hpp"

namespace synfire {

using json = nlohmann::json;
using Type = Field::Type;

Field Field::must() && {
    required = true;
    return std::move(*this);
}
Field Field::otherwise(json value) && {
    fallback = std::move(value);
    return std::move(*this);
}
Field Field::at_least(double value) && {
    min = value;
    return std::move(*this);
}
Field Field::above(double value) && {
    min = value;
    open_min = true;
    return std::move(*this);
}
Field Field::below(double value) && {
    max = value;
    open_max = true;
    return std::move(*this);
}
Field Field::between(double low, double high) && {
    min = low;
    max = high;
    return std::move(*this);
}
Field Field::in(std::string unit_name) && {
    unit = std::move(unit_name);
    return std::move(*this);
}
Field Field::or_each(std::shared_ptr<const Form> values) && {
    each = std::move(values);
    return std::move(*this);
}
Field Field::only_with(std::string other_name, nlohmann::json value) && {
    other = std::move(other_name);
    other_value = std::move(value);
    return std::move(*this);
}
Field Field::unless(std::string refusals) && {
    refused = std::move(refusals);
    return std::move(*this);
}
Field Field::single() && {
    in_single = true;
    return std::move(*this);
}

namespace {

Field field(Type type, std::string name, std::string doc) {
    Field result;
    result.type = type;
    result.name = std::move(name);
    result.doc = std::move(doc);
    return result;
}

}  // namespace

Field real(std::string name, std::string doc) {
    return field(Type::real, std::move(name), std::move(doc));
}
Field integer(std::string name, std::string doc) {
    return field(Type::integer, std::move(name), std::move(doc));
}
Field boolean(std::string name, std::string doc) {
    return field(Type::boolean, std::move(name), std::move(doc));
}
Field text(std::string name, std::string doc) {
    return field(Type::text, std::move(name), std::move(doc));
}
Field choice(std::string name, std::vector<std::string> choices, std::string doc) {
    Field result = field(Type::choice, std::move(name), std::move(doc));
    result.choices = std::move(choices);
    return result;
}
Field object(std::string name, Form form, std::string doc) {
    Field result = field(Type::object, std::move(name), std::move(doc));
    result.form = std::make_shared<const Form>(std::move(form));
    return result;
}
Field list(std::string name, Field element, std::string doc) {
    Field result = field(Type::list, std::move(name), std::move(doc));
    result.element = std::make_shared<const Field>(std::move(element));
    return result;
}

Form parameter_form(const synfire_description& description,
                    const std::shared_ptr<const Form>& each) {
    auto counts_columns = [&](std::uint32_t parameter) {
        return std::any_of(description.variables,
                           description.variables + description.variable_count,
                           [&](const synfire_variable& v) {
                               return v.count_parameter == static_cast<std::int32_t>(parameter);
                           });
    };
    Form form;
    for (std::uint32_t i = 0; i < description.parameter_count; ++i) {
        const synfire_parameter& p = description.parameters[i];
        Field f = field(Type::real, p.name, p.doc);
        f.unit = p.unit;
        f.min = p.min;
        f.max = p.max;
        f.open_min = p.flags & SYNFIRE_OPEN_MIN;
        f.open_max = p.flags & SYNFIRE_OPEN_MAX;
        f.fallback = p.default_value;
        if ((p.type == SYNFIRE_REAL || p.type == SYNFIRE_INTEGER) && !counts_columns(i))
            f.each = each;
        if (p.type == SYNFIRE_INTEGER) {
            f.type = Type::integer;
            f = std::move(f).fits<std::int64_t>();
            f.fallback = static_cast<std::int64_t>(p.default_value);
        } else if (p.type == SYNFIRE_BOOLEAN) {
            f.type = Type::boolean;
            f.fallback = p.default_value != 0;
        } else if (p.type == SYNFIRE_CHOICE) {
            f.type = Type::choice;
            f.choices.assign(p.choices, p.choices + p.choice_count);
            f.fallback = f.choices.at(static_cast<std::size_t>(p.default_value));
        }
        form.fields.push_back(std::move(f));
    }
    return form;
}

std::vector<double> parameter_values(const synfire_description& description,
                                     const json& completed) {
    std::vector<double> values;
    for (std::uint32_t i = 0; i < description.parameter_count; ++i) {
        const synfire_parameter& p = description.parameters[i];
        const json& value = completed.at(p.name);
        if (value.is_structured())
            values.push_back(p.default_value);
        else if (p.type == SYNFIRE_BOOLEAN)
            values.push_back(value.get<bool>() ? 1.0 : 0.0);
        else if (p.type == SYNFIRE_CHOICE)
            values.push_back(static_cast<double>(
                std::find(p.choices, p.choices + p.choice_count, value.get<std::string>()) -
                p.choices));
        else
            values.push_back(value.get<double>());
    }
    return values;
}

std::optional<std::int64_t> whole_of(const json& value) {
    if (!value.is_number()) return std::nullopt;
    return exact_whole(value.get<double>());
}

std::string shown(const json& value) {
    constexpr std::size_t most = 60;  // characters
    std::string text = value.dump(-1, ' ', false, json::error_handler_t::replace);
    if (text.size() <= most) return text;
    std::size_t cut = most;
    while (cut > 0 && (text[cut] & 0xC0) == 0x80) --cut;  // not within a character
    return text.substr(0, cut) + "...";
}

namespace {

std::string bounds(const Field& f) {
    const bool low = std::isfinite(f.min), high = std::isfinite(f.max);
    const std::string min = number_text(f.min), max = number_text(f.max);
    if (low && high)
        return fmt::format("{}{} to {}{}", f.open_min ? "above " : "", min,
                           f.open_max ? "below " : "", max);
    if (low) return fmt::format("{} {}", f.open_min ? "above" : "at least", min);
    if (high) return fmt::format("{} {}", f.open_max ? "below" : "at most", max);
    return "";
}

// What a field's single value may be, as words for messages.
std::string expected_one(const Field& f) {
    std::string words;
    switch (f.type) {
        case Type::real:
            words = "a number";
            break;
        case Type::integer:
            words = "a whole number";
            break;
        case Type::boolean:
            return "true or false";
        case Type::text:
            return "a string";
        case Type::choice:
            return list_of(f.choices);
        case Type::object:
            return f.form->tag_alone ? "a name or an object { }" : "an object { }";
        case Type::list:
            return "a list [ ]";
        case Type::any:
            return "any value";
    }
    if (const std::string range = bounds(f); !range.empty()) words += fmt::format(", {}", range);
    if (!f.unit.empty()) words += fmt::format(" ({})", f.unit);
    return words;
}
// The same, or what may stand in its place.
std::string expected(const Field& f) {
    return expected_one(f) + (f.each ? ", or values for each [ ] or { }" : "");
}

bool has_type(const Field& f, const json& value) {
    switch (f.type) {
        case Type::real:
            return value.is_number();
        case Type::integer:  // beyond all bounds it is one, too
            return value.is_number_integer() ||
                   (value.is_number_float() &&
                    std::floor(value.get<double>()) == value.get<double>());
        case Type::boolean:
            return value.is_boolean();
        case Type::text:
        case Type::choice:
            return value.is_string();
        case Type::object:
            return value.is_object();
        case Type::list:
            return value.is_array();
        case Type::any:
            return true;
    }
    return false;
}

bool in_range(const Field& f, double value) {
    return std::isfinite(value) && (f.open_min ? value > f.min : value >= f.min) &&
           (f.open_max ? value < f.max : value <= f.max);
}

// Why a number is not allowed, as words that follow it; "" where it is.
std::string unfit(const Field& f, double value) {
    if (!in_range(f, value)) return "is out of range";
    if (!f.in_single) return "";
    if (std::fabs(value) > largest_single)
        return fmt::format("is beyond single precision, whose numbers reach {:.4g}",
                           largest_single);
    if (!fits_single(value))
        return fmt::format("is too near to 0 for single precision, whose least number is {:.4g}",
                           least_single);
    const double rounded = static_cast<float>(value);
    if ((f.open_min && rounded <= f.min) || (f.open_max && rounded >= f.max))
        return fmt::format("is {} in single precision", number_text(rounded));
    return "";
}

void check_number(const Field& f, json& value, const std::string& pointer, Problems& problems) {
    const std::string reason = unfit(f, value.get<double>());
    if (!reason.empty())
        problems.push_back(
            {pointer, fmt::format("{} {}, expected {}.", shown(value), reason, expected_one(f)), "",
             0});
    else if (f.type == Type::integer && value.is_number_float())
        value = static_cast<std::int64_t>(value.get<double>());
}

void check_choice(const Field& f, const std::string& name, const std::string& pointer,
                  Problems& problems) {
    if (std::ranges::count(f.choices, name) > 0) return;
    const std::string hint = did_you_mean(name, f.choices);
    problems.push_back(
        {pointer,
         fmt::format("'{}' is unknown{} Allowed: {}.{}{}", name, hint.empty() ? "." : hint,
                     list_of(f.choices), f.refused.empty() ? "" : " ", f.refused),
         "", 0});
}

void check_field(const Field& f, json& value, const std::string& pointer, Problems& problems);

// Lists may be very long, so a pointer is made only where it is needed.
void check_element(const Field& f, json& value, const std::string& list, std::size_t i,
                   Problems& problems) {
    if (f.type == Type::any) return;
    const bool plain = f.type == Type::real && has_type(f, value);
    if (plain && unfit(f, value.get<double>()).empty()) return;
    check_field(f, value, fmt::format("{}/{}", list, i), problems);
}

void check_field(const Field& f, json& value, const std::string& pointer, Problems& problems) {
    if (f.type == Type::object && f.form->tag_alone && value.is_string())
        value = json{{f.form->tag, value}};
    if (f.each && value.is_object()) return check_and_complete(*f.each, value, pointer, problems);
    if (f.each && value.is_array()) {
        Field one = f;
        one.each = nullptr;
        for (std::size_t i = 0; i < value.size(); ++i)
            check_element(one, value[i], pointer, i, problems);
        return;
    }
    if (!has_type(f, value)) {
        problems.push_back(
            {pointer, fmt::format("{} is given, expected {}.", shown(value), expected(f)), "", 0});
        return;
    }
    switch (f.type) {
        case Type::real:
        case Type::integer:
            return check_number(f, value, pointer, problems);
        case Type::choice:
            return check_choice(f, value.get<std::string>(), pointer, problems);
        case Type::object:
            return check_and_complete(*f.form, value, pointer, problems);
        case Type::list:
            for (std::size_t i = 0; i < value.size(); ++i)
                check_element(*f.element, value[i], pointer, i, problems);
            break;
        default:
            break;
    }
}

// The fields that hold for this value: the common ones and those of its variant. `known` is false
// where the tag names no variant, so that nothing can be said about other keys.
std::vector<const Field*> fields_for(const Form& form, const json& value, bool& known) {
    std::vector<const Field*> fields;
    for (const Field& f : form.fields) fields.push_back(&f);
    known = true;
    if (form.tag.empty()) return fields;
    const auto tag = value.find(form.tag);
    const auto variant = tag != value.end() && tag->is_string()
                             ? form.variants.find(tag->get<std::string>())
                             : form.variants.end();
    known = variant != form.variants.end();
    if (known)
        for (const Field& f : variant->second) fields.push_back(&f);
    return fields;
}

}  // namespace

void check_and_complete(const Form& form, json& value, const std::string& pointer,
                        Problems& problems) {
    if (!value.is_object()) {
        problems.push_back(
            {pointer, fmt::format("{} is given, expected an object {{ }}.", shown(value)), "", 0});
        return;
    }
    for (const auto& [key, tag] : form.implied)
        if (value.contains(key) && !value.contains(form.tag)) value[form.tag] = tag;
    if (!form.tag.empty() && !value.contains(form.tag))
        for (const Field& f : form.fields)
            if (f.name == form.tag && !f.fallback.is_null()) value[f.name] = f.fallback;

    bool known = true;
    const std::vector<const Field*> fields = fields_for(form, value, known);
    std::vector<std::string> names;
    for (const Field* f : fields) names.push_back(f->name);
    if (known) {
        for (const auto& [key, _] : value.items())
            if (const auto gone = form.gone.find(key); gone != form.gone.end()) {
                problems.push_back({pointer + "/" + key, gone->second, "", 0});
            } else if (std::ranges::count(names, key) == 0) {
                const std::string hint = did_you_mean(key, names);
                problems.push_back(
                    {pointer + "/" + key,
                     fmt::format("'{}' is unknown here{} {}", key, hint.empty() ? "." : hint,
                                 names.empty() ? "Nothing can be set."
                                               : fmt::format("Allowed: {}.", list_of(names))),
                     "", 0});
            }
    }
    for (const Field* f : fields) {
        if (!value.contains(f->name)) {
            if (f->required)
                problems.push_back(
                    {pointer,
                     fmt::format("'{}' is missing: {} ({}).", f->name, f->doc, expected(*f)), "",
                     0});
            if (f->fallback.is_null()) continue;
            value[f->name] = f->fallback;
        }
        check_field(*f, value[f->name], pointer + "/" + f->name, problems);
        if (!f->other.empty() && value[f->name] != f->fallback && value[f->other] != f->other_value)
            problems.push_back({pointer + "/" + f->name,
                                fmt::format("\"{}\" is without effect here: it is used with "
                                            "\"{}\": {}.",
                                            f->name, f->other, shown(f->other_value)),
                                "", 0});
    }
}

namespace {

json bound_json(const Field& f, double bound) {
    return f.type == Type::integer ? json(static_cast<std::int64_t>(bound)) : json(bound);
}

json field_schema(const Field& f) {
    json schema = json::object();
    switch (f.type) {
        case Type::real:
            schema["type"] = "number";
            break;
        case Type::integer:
            schema["type"] = "integer";
            break;
        case Type::boolean:
            schema["type"] = "boolean";
            break;
        case Type::text:
            schema["type"] = "string";
            break;
        case Type::choice:
            schema["enum"] = f.choices;
            break;
        case Type::object:
            schema = to_schema(*f.form);
            break;
        case Type::list:
            schema["type"] = "array";
            schema["items"] = field_schema(*f.element);
            break;
        case Type::any:
            break;
    }
    const double reach = f.in_single ? largest_single : INFINITY;
    if (const double min = std::max(f.min, -reach); std::isfinite(min))
        schema[f.open_min ? "exclusiveMinimum" : "minimum"] = bound_json(f, min);
    if (const double max = std::min(f.max, reach); std::isfinite(max))
        schema[f.open_max ? "exclusiveMaximum" : "maximum"] = bound_json(f, max);
    if (f.each) {
        const json one = std::move(schema);
        schema = {{"anyOf", {one, {{"type", "array"}, {"items", one}}, to_schema(*f.each)}}};
    }
    if (!f.doc.empty())
        schema["description"] = f.unit.empty() ? f.doc : fmt::format("{} ({})", f.doc, f.unit);
    if (!f.fallback.is_null()) schema["default"] = f.fallback;
    return schema;
}

void add_properties(json& schema, const std::vector<Field>& fields) {
    for (const Field& f : fields) {
        schema["properties"][f.name] = field_schema(f);
        if (f.required) schema["required"].push_back(f.name);
    }
}

json object_schema() {
    return {{"type", "object"}, {"properties", json::object()}, {"additionalProperties", false}};
}

}  // namespace

json to_schema(const Form& form) {
    json common = object_schema();
    add_properties(common, form.fields);
    if (form.tag.empty()) return common;
    const auto tag = std::ranges::find(form.fields, form.tag, &Field::name);
    json alternatives = json::array();
    for (const auto& [value, fields] : form.variants) {
        json variant = common;
        add_properties(variant, fields);
        variant["properties"][form.tag] = {{"const", value}};
        // A tag that is not given means its default, so every other variant has to name it.
        const bool is_default = tag->fallback == json(value);
        bool is_implied = false;
        for (const auto& [_, tag_value] : form.implied) is_implied |= tag_value == value;
        if (!is_default && !is_implied && !tag->required) variant["required"].push_back(form.tag);
        alternatives.push_back(std::move(variant));
    }
    if (form.tag_alone) {
        json names = json::array();
        for (const auto& [value, _] : form.variants) names.push_back(value);
        alternatives.push_back({{"enum", names}});
    }
    return {{"oneOf", alternatives}};
}

namespace {

void add_rows(std::string& text, const std::vector<Field>& fields,
              std::vector<std::pair<std::string, const Form*>>& below, const std::string& heading) {
    for (const Field& f : fields) {
        const Form* inner = f.form
                                ? f.form.get()
                                : (f.element && f.element->form ? f.element->form.get() : nullptr);
        if (inner && !(inner->fields.empty() && inner->tag.empty()))
            below.emplace_back(heading + "/" + f.name, inner);
        text += fmt::format(
            "| `{}` | {} | {} | {} |\n", f.name, expected(f),
            f.required
                ? "required"
                : (f.fallback.is_null() ? std::string() : fmt::format("`{}`", f.fallback.dump())),
            f.doc);
    }
}

// A section of the form and those of what is below it. each: where Field::each stands, added.
std::string sections(const Form& form, const std::string& heading,
                     std::set<std::shared_ptr<const Form>>& each) {
    constexpr const char* table = "| key | value | default | meaning |\n|---|---|---|---|\n";
    std::vector<std::pair<std::string, const Form*>> below;
    std::string text = fmt::format("## `{}`\n\n", heading.empty() ? "/" : heading);
    auto add_table = [&](const std::vector<Field>& fields, const std::string& place) {
        text += table;
        add_rows(text, fields, below, place);
        text += "\n";
        for (const Field& f : fields)
            if (f.each) each.insert(f.each);
    };
    if (!form.fields.empty()) add_table(form.fields, heading);
    for (const auto& [value, fields] : form.variants) {
        if (fields.empty()) continue;
        text += fmt::format("With `\"{}\": \"{}\"` also:\n\n", form.tag, value);
        add_table(fields, fmt::format("{} ({})", heading, value));
    }
    for (const auto& [name, inner] : below) text += sections(*inner, name, each);
    return text;
}

}  // namespace

std::string to_markdown(const Form& form, const std::string& heading) {
    std::set<std::shared_ptr<const Form>> each, none;
    std::string text = sections(form, heading, each);
    for (const auto& values : each) text += sections(*values, "{ } in place of a number", none);
    return text;
}

}  // namespace synfire
