#include "engine/state.hpp"

#include <algorithm>
#include <cmath>

#include "base/finite.hpp"

namespace synfire {
namespace {

std::size_t element_size(std::uint32_t dtype) {
    return dtype == SYNFIRE_F64 ? 8 : 4;
}

std::size_t element_count(std::uint32_t scope, const StateColumns::Counts& counts) {
    switch (scope) {
        case SYNFIRE_PER_NEURON:
            return counts.neurons;
        case SYNFIRE_PER_PRE:
            return counts.pre;
        case SYNFIRE_PER_POST:
            return counts.post;
        default:
            return 1;
    }
}

// Calls visit with a typed pointer to the column's first element.
template <class Visit>
auto typed(std::uint32_t dtype, void* column, Visit visit) {
    switch (dtype) {
        case SYNFIRE_F64:
            return visit(static_cast<double*>(column));
        case SYNFIRE_I32:
            return visit(static_cast<std::int32_t*>(column));
        case SYNFIRE_U32:
            return visit(static_cast<std::uint32_t*>(column));
        default:
            return visit(static_cast<float*>(column));
    }
}

}  // namespace

std::int32_t find_variable(const synfire_description& description, std::string_view name) {
    for (std::uint32_t i = 0; i < description.variable_count; ++i)
        if (name == description.variables[i].name) return static_cast<std::int32_t>(i);
    return -1;
}

StateColumns::StateColumns(const synfire_description& description,
                           std::span<const double> parameters, Counts counts)
    : description_(&description) {
    std::size_t bytes = 0;
    for (std::uint32_t i = 0; i < description.variable_count; ++i) {
        const synfire_variable& v = description.variables[i];
        Layout layout{v.dtype, bytes, element_count(v.scope, counts), 1, 0, v.initial};
        layout.stride = padded(layout.elements);
        if (v.count_parameter >= 0)
            layout.columns =
                static_cast<std::size_t>(parameters[static_cast<std::size_t>(v.count_parameter)]);
        bytes += (layout.stride * layout.columns * element_size(v.dtype) + 63) / 64 * 64;
        layouts_.push_back(layout);
    }
    storage_.resize(bytes);
    for (const Layout& layout : layouts_) pointers_.push_back(storage_.data() + layout.offset);
    reset();
}

StateColumns::StateColumns(const StateColumns& other)
    : description_(other.description_), layouts_(other.layouts_), storage_(other.storage_) {
    for (const Layout& layout : layouts_) pointers_.push_back(storage_.data() + layout.offset);
}

void StateColumns::copy(const StateColumns& other) {
    std::ranges::copy(other.storage_, storage_.begin());
}

void StateColumns::reset() {
    std::ranges::fill(storage_, std::byte{0});
    for (std::size_t v = 0; v < layouts_.size(); ++v) {
        const Layout& layout = layouts_[v];
        if (layout.initial == 0) continue;
        typed(layout.dtype, pointers_[v], [&](auto* column) {
            using Element = std::remove_pointer_t<decltype(column)>;
            for (std::size_t c = 0; c < layout.columns; ++c)
                std::fill_n(column + c * layout.stride, layout.elements,
                            static_cast<Element>(layout.initial));
        });
    }
}

template <class Value>
void StateColumns::set(std::size_t variable, std::span<const Value> values) {
    typed(layouts_[variable].dtype, pointers_[variable], [&](auto* column) {
        using Element = std::remove_pointer_t<decltype(column)>;
        std::ranges::transform(values, column, [](Value v) { return static_cast<Element>(v); });
    });
}
template void StateColumns::set(std::size_t variable, std::span<const float> values);
template void StateColumns::set(std::size_t variable, std::span<const double> values);

double StateColumns::value(std::size_t variable, std::size_t i) const {
    return typed(layouts_[variable].dtype, pointers_[variable],
                 [&](auto* column) { return static_cast<double>(column[i]); });
}

std::optional<StateColumns::Diverged> StateColumns::find_diverged() const {
    for (std::size_t v = 0; v < layouts_.size(); ++v) {
        const Layout& layout = layouts_[v];
        if (std::isinf(layout.initial)) continue;
        std::optional<Diverged> lost;
        typed(layout.dtype, pointers_[v], [&](auto* column) {
            using Element = std::remove_pointer_t<decltype(column)>;
            if constexpr (std::is_floating_point_v<Element>)
                for (std::size_t c = 0; c < layout.columns && !lost; ++c) {
                    const std::span<const Element> values(column + c * layout.stride,
                                                          layout.elements);
                    if (all_finite(values)) continue;
                    const auto at = std::ranges::find_if_not(
                        values, [](Element x) { return std::isfinite(x); });
                    lost = {v, static_cast<std::size_t>(at - values.begin())};
                }
        });
        if (lost) return lost;
    }
    return std::nullopt;
}

}  // namespace synfire
