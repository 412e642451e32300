#include "conformance/library.hpp"

#include <fmt/format.h>

#include <span>

#include "plugins/library.hpp"
#include "plugins/tables.hpp"

namespace synfire::conformance {
namespace {

template <class Kind>
void add(std::vector<Table>& models, const Kind* const* tables, std::uint32_t count) {
    for (const Kind* table : std::span(tables, count)) {
        if (!table) throw Fault("its list of models has a hole");
        if (const auto reason = unreadable(*table)) throw Fault(*reason);
        models.emplace_back(adopted(*table));
    }
}

void require_ids_once(const std::vector<Table>& models) {
    for (std::size_t a = 0; a < models.size(); ++a)
        for (std::size_t b = 0; b < a; ++b) {
            const char *first = description_of(models[a]).id,
                       *second = description_of(models[b]).id;
            if (models[a].index() == models[b].index() && first && second &&
                std::string_view(first) == second)
                throw Fault(
                    fmt::format("two of its {}s have the id '{}'", kind_of(models[a]), first));
        }
}

// Where a function stands, or any other part of a table that is no text.
template <class Kind>
std::string numbers_of(const Kind& table) {
    const auto* const words = reinterpret_cast<const std::uintptr_t*>(&table);
    std::string text;
    for (std::size_t k = 0; k < sizeof table / sizeof *words; ++k)
        if (words[k] != reinterpret_cast<std::uintptr_t>(table.description))
            text += fmt::format(" {:x}", words[k]);
    return text;
}

std::string text_of(const char* text) {
    return text ? fmt::format("'{}' ", text) : "none ";
}

std::string text_of(const synfire_description& d) {
    std::string text = text_of(d.id) + text_of(d.version) + text_of(d.doc);
    for (std::uint32_t i = 0; i < d.parameter_count; ++i) {
        const synfire_parameter& p = d.parameters[i];
        text += text_of(p.name) + text_of(p.unit) + text_of(p.doc) +
                fmt::format("{} {} {} {} {}\n", p.type, p.flags, p.default_value, p.min, p.max);
        for (std::uint32_t c = 0; c < p.choice_count; ++c) text += text_of(p.choices[c]);
    }
    for (std::uint32_t i = 0; i < d.variable_count; ++i) {
        const synfire_variable& v = d.variables[i];
        text += text_of(v.name) + text_of(v.unit) + text_of(v.doc) +
                fmt::format("{} {} {} {} {}\n", v.dtype, v.scope, v.count_parameter, v.initial,
                            v.flags);
    }
    return text;
}

}  // namespace

std::vector<Table> load_models(const std::filesystem::path& file) {
    const synfire_plugin* plugin = nullptr;
    if (Scene::current()) Scene::current()->enter("the plugin's entry");
    try {
        plugin = load_for_good(file);
    } catch (const std::exception& error) {
        throw Fault(fmt::format("it cannot be loaded ({})", error.what()));
    } catch (...) {
        throw Fault("an exception comes out of its entry over the C interface");
    }
    if (const auto reason = unfit(plugin)) throw Fault(*reason);
    std::vector<Table> models;
    add(models, plugin->neurons, plugin->neuron_count);
    add(models, plugin->rules, plugin->rule_count);
    add(models, plugin->releases, plugin->release_count);
    add(models, plugin->losses, plugin->loss_count);
    if (models.empty()) throw Fault("it has no model: neither neuron, rule, release nor loss");
    require_ids_once(models);
    return models;
}

std::string tables_as_text(const std::filesystem::path& file) {
    std::string text;
    for (const Table& model : load_models(file))
        text += text_of(description_of(model)) +
                std::visit([](const auto* table) { return numbers_of(*table); }, model) + "\n";
    return text;
}

}  // namespace synfire::conformance
