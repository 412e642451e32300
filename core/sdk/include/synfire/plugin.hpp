// The C++ layer over abi.h, for plugin authors: descriptors, parameter values, and the macro that
// exports a library's tables. neuron.hpp, rule.hpp, release.hpp and loss.hpp hold what is
// particular to each kind.
//
// A plugin may throw from its constructors and calls; the layer turns an exception into a report
// to the host, so none crosses the C interface.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <iterator>
#include <limits>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>

#include "abi.h"

namespace synfire::sdk {

using Parameter = synfire_parameter;
using Variable = synfire_variable;

// Which values of a real or an integer are allowed.
struct Range {
    double min = -std::numeric_limits<double>::infinity();
    double max = std::numeric_limits<double>::infinity();
    std::uint32_t flags = 0;
};
constexpr Range any() {
    return {};
}
constexpr Range at_least(double min) {
    return {.min = min};
}
constexpr Range above(double min) {
    return {.min = min, .flags = SYNFIRE_OPEN_MIN};
}
constexpr Range between(double min, double max) {
    return {.min = min, .max = max};
}

constexpr Parameter real(const char* name, const char* unit, double value, Range range,
                         const char* doc) {
    return {sizeof(Parameter), SYNFIRE_REAL, range.flags, 0,        name, unit, doc,
            nullptr,           value,        range.min,   range.max};
}
constexpr Parameter integer(const char* name, const char* unit, double value, Range range,
                            const char* doc) {
    return {sizeof(Parameter), SYNFIRE_INTEGER, range.flags, 0,        name, unit, doc,
            nullptr,           value,           range.min,   range.max};
}
constexpr Parameter boolean(const char* name, bool value, const char* doc) {
    return {sizeof(Parameter), SYNFIRE_BOOLEAN,   0, 0,  name, "", doc,
            nullptr,           value ? 1.0 : 0.0, 0, 1.0};
}
template <std::size_t N>
constexpr Parameter choice(const char* name, const char* const (&choices)[N], double index,
                           const char* doc) {
    return {sizeof(Parameter), SYNFIRE_CHOICE, 0, N, name, "", doc, choices, index, 0, N - 1.0};
}

// The same parameter with another default.
constexpr Parameter with_default(Parameter parameter, double value) {
    parameter.default_value = value;
    return parameter;
}

// A variable that survives from sample to sample in training and is saved in checkpoints.
constexpr Variable kept(Variable variable) {
    variable.flags |= SYNFIRE_VARIABLE_KEPT;
    return variable;
}

// The parameters of a model, from single ones and arrays of them.
template <class... Parts>
constexpr auto list(const Parts&... parts) {
    constexpr std::size_t count = (sizeof(Parts) + ...) / sizeof(Parameter);
    std::array<Parameter, count> all{};
    auto end = all.begin();
    auto add = [&](const auto& part) {
        if constexpr (requires { part.begin(); })
            end = std::copy(part.begin(), part.end(), end);
        else
            *end++ = part;
    };
    (add(parts), ...);
    return all;
}

// The element type of a column as the interface numbers it.
template <class T>
constexpr std::uint32_t dtype_of() {
    if constexpr (std::is_same_v<T, float>) return SYNFIRE_F32;
    if constexpr (std::is_same_v<T, double>) return SYNFIRE_F64;
    if constexpr (std::is_same_v<T, std::int32_t>) return SYNFIRE_I32;
    if constexpr (std::is_same_v<T, std::uint32_t>) return SYNFIRE_U32;
}

// A number as a sentence shows it.
inline std::string text(double number) {
    char digits[32];
    std::snprintf(digits, sizeof digits, "%.12g", number);
    return digits;
}

// A constant that parameters give, which has to be a finite number; what: as a sentence calls it.
inline double finite(const char* what, double constant) {
    if (!std::isfinite(constant))
        throw std::invalid_argument(std::string("these parameters and dt_ms make ") + what +
                                    " infinite or no number");
    return constant;
}

// The values that the host hands to create, by name.
class Values {
  public:
    template <class List>  // of Parameter
    Values(const List& descriptors, const double* values)
        : descriptors_(std::data(descriptors)), count_(std::size(descriptors)), values_(values) {}

    double operator[](std::string_view name) const { return values_[index(name)]; }
    // In single precision. Throws where that has no such number, or only 0 in place of it.
    float real(std::string_view name) const {
        const double value = (*this)[name];
        if (std::fabs(value) > static_cast<double>(std::numeric_limits<float>::max()))
            throw std::invalid_argument(std::string(name) +
                                        " is beyond single precision; at most 3.4e38 is allowed");
        if (value != 0 && std::fabs(value) < static_cast<double>(std::numeric_limits<float>::min()))
            throw std::invalid_argument(std::string(name) +
                                        " is too near to 0 for single precision, whose least "
                                        "number is 1.175e-38");
        return static_cast<float>(value);
    }
    std::uint32_t integer(std::string_view name) const {
        const double value = (*this)[name];
        if (!(value >= 0 && value <= std::numeric_limits<std::uint32_t>::max()))
            throw std::invalid_argument(std::string(name) +
                                        " is no whole number from 0 to 4294967295");
        return static_cast<std::uint32_t>(value);
    }
    // A time in milliseconds as a number of whole ticks, rounded up; what a division's rounding
    // leaves above a whole number is no tick. At most as many as Count counts one by one.
    template <class Count>
    Count ticks_up(std::string_view name, double dt_ms) const {
        constexpr double most =
            static_cast<double>(std::uint64_t{1} << std::numeric_limits<Count>::digits);
        const double ticks = (*this)[name] / dt_ms, nearest = std::round(ticks);
        const bool whole = std::fabs(ticks - nearest) <= 1e-9 * std::fmax(1.0, nearest);
        const double up = whole ? nearest : std::ceil(ticks);
        if (!(up >= 0 && up <= most))
            throw std::invalid_argument(std::string(name) + " has to be at most " +
                                        std::to_string(static_cast<std::uint64_t>(most)) +
                                        " ticks");
        return static_cast<Count>(up);
    }
    template <class Enum>
    Enum choice(std::string_view name) const {
        return static_cast<Enum>(integer(name));
    }
    // The word chosen.
    std::string_view chosen(std::string_view name) const {
        return descriptor(name).choices[integer(name)];
    }
    bool is_default(std::string_view name) const {
        return (*this)[name] == descriptor(name).default_value;
    }

  private:
    std::size_t index(std::string_view name) const {
        for (std::size_t i = 0; i < count_; ++i)
            if (name == descriptors_[i].name) return i;
        throw std::logic_error("the plugin asks for a parameter that it does not declare: " +
                               std::string(name));
    }
    const Parameter& descriptor(std::string_view name) const { return descriptors_[index(name)]; }

    const Parameter* descriptors_;
    std::size_t count_;
    const double* values_;
};

namespace detail {

// Runs body and reports what it throws.
template <class Body>
synfire_status guarded(const synfire_host* host, Body&& body) noexcept {
    try {
        body();
        return SYNFIRE_OK;
    } catch (const std::exception& error) {
        if (host) host->report(host->context, SYNFIRE_REPORT_ERROR, error.what());
    } catch (...) {
        if (host) host->report(host->context, SYNFIRE_REPORT_ERROR, "an unknown exception");
    }
    return SYNFIRE_FAILED;
}

// What the host sees as an instance: the model and the host to report to.
template <class Model>
struct Instance {
    const synfire_host* host;
    Model model;
};

template <class Model>
constexpr synfire_description describe() {
    return {sizeof(synfire_description),
            static_cast<std::uint32_t>(std::size(Model::parameters)),
            static_cast<std::uint32_t>(std::size(Model::variables)),
            0,
            Model::id,
            Model::version,
            Model::doc,
            std::data(Model::parameters),
            std::data(Model::variables)};
}

template <class Model>
inline constexpr synfire_description description = describe<Model>();

template <class Model>
void destroy(void* instance) noexcept {
    delete static_cast<Instance<Model>*>(instance);
}

}  // namespace detail

// The tables of a library: of Neurons<...> (neuron.hpp), Rules<...> (rule.hpp), or both.
template <class... Parts>
inline constexpr synfire_plugin library = [] {
    synfire_plugin plugin{};
    plugin.size = sizeof plugin;
    plugin.abi_version = plugin.min_host_abi = SYNFIRE_ABI_VERSION;
    (Parts::add_to(plugin), ...);
    return plugin;
}();

}  // namespace synfire::sdk

// Exports a library that holds one neuron model, SYNFIRE_NEURON_PLUGIN(Lif), one rule, one release
// or one loss, or several: SYNFIRE_PLUGIN(synfire::sdk::Neurons<A, B>, synfire::sdk::Rules<C>).
#define SYNFIRE_PLUGIN(...)                                               \
    extern "C" SYNFIRE_EXPORT const synfire_plugin* SYNFIRE_ENTRY(void) { \
        return &::synfire::sdk::library<__VA_ARGS__>;                     \
    }
#define SYNFIRE_NEURON_PLUGIN(Model) SYNFIRE_PLUGIN(::synfire::sdk::Neurons<Model>)
#define SYNFIRE_RULE_PLUGIN(Model) SYNFIRE_PLUGIN(::synfire::sdk::Rules<Model>)
#define SYNFIRE_RELEASE_PLUGIN(Model) SYNFIRE_PLUGIN(::synfire::sdk::Releases<Model>)
#define SYNFIRE_LOSS_PLUGIN(Model) SYNFIRE_PLUGIN(::synfire::sdk::Losses<Model>)
