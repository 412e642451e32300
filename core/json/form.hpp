// The form of a JSON object, declared once: from it come the checks, the defaults, the JSON Schema
// and the reference. Forms of plugin parameters are made from the plugins' own descriptors.
#pragma once

#include <algorithm>
#include <limits>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/numbers.hpp"
#include "base/problem.hpp"
#include "synfire/abi.h"

namespace synfire {

struct Form;

struct Field {
    enum class Type { real, integer, boolean, text, choice, object, list, any };

    std::string name;
    Type type = Type::any;
    std::string unit;
    std::string doc;
    bool required = false;
    nlohmann::json fallback;  // what stands where the field is not given; null: it stays absent
    double min = -std::numeric_limits<double>::infinity();
    double max = std::numeric_limits<double>::infinity();
    bool open_min = false, open_max = false;  // the bound itself is not allowed
    bool in_single = false;                   // ends in single precision
    std::vector<std::string> choices;
    std::string refused;  // words on libraries that might have brought a choice, or ""
    std::string other;    // field that has to have that value for this to be of use, or ""
    nlohmann::json other_value;
    std::shared_ptr<const Form> form;      // of an object
    std::shared_ptr<const Field> element;  // of a list
    // Of a number: what an object in its place has to be, and that a list of numbers may stand
    // there; null: neither.
    std::shared_ptr<const Form> each;

    // Modifiers, to write a declaration in one expression.
    Field must() &&;
    Field otherwise(nlohmann::json value) &&;
    Field at_least(double value) &&;
    Field above(double value) &&;
    Field below(double value) &&;
    Field between(double low, double high) &&;
    Field in(std::string unit_name) &&;
    // A real that ends in single precision: one that float cannot hold is refused, as is one that
    // float would make 0 or a bound that is open.
    Field single() &&;
    // Of a number that things may have a value each of: a list, or an object of that form, may
    // stand in its place.
    Field or_each(std::shared_ptr<const Form> values) &&;
    // Given otherwise than it stands by default only where another field, declared before it, has a
    // value: elsewhere it is without effect.
    Field only_with(std::string other_name, nlohmann::json value) &&;
    // Of a choice: what may explain that a name is unknown.
    Field unless(std::string refusals) &&;
    // A whole number that ends in type T: the bounds of T, or largest_whole.
    template <class T>
    Field fits() && {
        min = std::max({min, static_cast<double>(std::numeric_limits<T>::min()), -largest_whole});
        max = std::min({max, static_cast<double>(std::numeric_limits<T>::max()), largest_whole});
        return std::move(*this);
    }
};

Field real(std::string name, std::string doc);
Field integer(std::string name, std::string doc);
Field boolean(std::string name, std::string doc);
Field text(std::string name, std::string doc);
Field choice(std::string name, std::vector<std::string> choices, std::string doc);
Field object(std::string name, Form form, std::string doc);
Field list(std::string name, Field element, std::string doc);

// An object's fields. With a tag, the value of that choice adds the fields of its variant.
struct Form {
    std::vector<Field> fields;
    std::string tag;
    std::map<std::string, std::vector<Field>> variants;
    // Where the tag is not given, a key that says it: key -> value of the tag.
    std::map<std::string, std::string> implied = {};
    bool tag_alone = false;  // a string stands for an object of that tag and defaults
    // Keys that there were, with a sentence on what to write instead.
    std::map<std::string, std::string> gone = {};
};

// The form of a plugin's parameters; each: of what may stand in place of a number (Field::or_each)
// that counts no columns, or null.
Form parameter_form(const synfire_description& description,
                    const std::shared_ptr<const Form>& each = nullptr);

// A plugin's parameter values in its descriptor's order, from an object completed by its form; the
// default where what is given is no single value.
std::vector<double> parameter_values(const synfire_description& description,
                                     const nlohmann::json& completed);

// The whole number that a JSON value is, however it is written (3, 3.0, 3e0); nothing where it is
// none or is more than largest_whole in size.
std::optional<std::int64_t> whole_of(const nlohmann::json& value);

// A value as messages show it: its JSON, cut where it is long.
std::string shown(const nlohmann::json& value);

// Checks the value, adds every problem with its pointer below `pointer`, and fills in what is not
// given.
void check_and_complete(const Form& form, nlohmann::json& value, const std::string& pointer,
                        Problems& problems);

// JSON Schema (draft-07) of an object of that form.
nlohmann::json to_schema(const Form& form);

// A Markdown reference of an object of that form, under headings of that name.
std::string to_markdown(const Form& form, const std::string& heading);

}  // namespace synfire
