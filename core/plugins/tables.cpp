#include "plugins/tables.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <mutex>
#include <vector>

namespace synfire {
namespace {

// Sizes as of version 2.0, the least that there are.
constexpr std::size_t least_parameter = offsetof(synfire_parameter, max) + sizeof(double);
constexpr std::size_t least_variable = offsetof(synfire_variable, flags) + sizeof(std::uint32_t);
constexpr std::size_t least_description = offsetof(synfire_description, variables) + sizeof(void*);
constexpr std::size_t least_neuron = offsetof(synfire_neuron, silent_ticks) + sizeof(void*);
constexpr std::size_t least_rule = offsetof(synfire_rule, weight_sum) + sizeof(void*);
constexpr std::size_t least_release = offsetof(synfire_release, release) + sizeof(void*);
constexpr std::size_t least_loss = offsetof(synfire_loss, evaluate) + sizeof(void*);

// What is adopted stays: plugins are never unloaded.
template <class Object>
Object* stays(std::unique_ptr<Object> object) {
    static auto& all = *new std::vector<std::shared_ptr<void>>;
    static std::mutex mutex;
    const std::lock_guard lock(mutex);
    Object* const at = object.get();
    all.emplace_back(std::move(object));
    return at;
}

template <class Struct>
Struct read(const void* given) {
    std::uint32_t size = 0;
    std::memcpy(&size, given, sizeof size);
    Struct copy{};
    std::memcpy(static_cast<void*>(&copy), given, std::min<std::size_t>(size, sizeof copy));
    copy.size = sizeof copy;
    return copy;
}

// An array whose elements are as large as the first says.
template <class Struct>
const Struct* read_array(const Struct* first, std::uint32_t count) {
    if (count == 0) return first;
    auto* const copies = stays(std::make_unique<std::vector<Struct>>());
    const auto* at = reinterpret_cast<const std::byte*>(first);
    for (std::uint32_t i = 0; i < count; ++i) copies->push_back(read<Struct>(at + i * first->size));
    return copies->data();
}

const synfire_description* read_description(const synfire_description& given) {
    auto* const d = stays(std::make_unique<synfire_description>(read<synfire_description>(&given)));
    d->parameters = read_array(d->parameters, d->parameter_count);
    d->variables = read_array(d->variables, d->variable_count);
    return d;
}

std::optional<std::string> unreadable_description(const synfire_description* d) {
    if (!d || d->size < least_description) return "a description is missing or too short";
    if ((d->parameter_count && !d->parameters) || (d->variable_count && !d->variables))
        return "a description counts parameters or variables that it does not list";
    if (d->parameter_count && d->parameters->size < least_parameter)
        return "a parameter's descriptor is too short";
    if (d->variable_count && d->variables->size < least_variable)
        return "a variable's descriptor is too short";
    return std::nullopt;
}

}  // namespace

std::optional<std::string> unreadable(const synfire_neuron& neuron) {
    if (neuron.size < least_neuron) return "a neuron's table is too short";
    return unreadable_description(neuron.description);
}

std::optional<std::string> unreadable(const synfire_rule& rule) {
    if (rule.size < least_rule) return "a rule's table is too short";
    return unreadable_description(rule.description);
}

std::optional<std::string> unreadable(const synfire_release& release) {
    if (release.size < least_release) return "a release's table is too short";
    return unreadable_description(release.description);
}

std::optional<std::string> unreadable(const synfire_loss& loss) {
    if (loss.size < least_loss) return "a loss's table is too short";
    return unreadable_description(loss.description);
}

namespace {

template <class Table>
const Table* copy_of(const Table& table) {
    auto* const copy = stays(std::make_unique<Table>(read<Table>(&table)));
    copy->description = read_description(*copy->description);
    return copy;
}

}  // namespace

const synfire_neuron* adopted(const synfire_neuron& neuron) {
    return copy_of(neuron);
}
const synfire_rule* adopted(const synfire_rule& rule) {
    return copy_of(rule);
}
const synfire_release* adopted(const synfire_release& release) {
    return copy_of(release);
}
const synfire_loss* adopted(const synfire_loss& loss) {
    return copy_of(loss);
}

}  // namespace synfire
