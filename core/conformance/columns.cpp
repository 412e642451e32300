#include "conformance/columns.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace synfire::conformance {
namespace {

std::uint32_t elements_of(std::uint32_t scope, Columns::Counts counts) {
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

}  // namespace

Columns::Columns(const synfire_description& description, const Values& values, Counts counts)
    : description_(description) {
    for (std::uint32_t v = 0; v < description.variable_count; ++v) {
        const synfire_variable& variable = description.variables[v];
        const std::uint32_t elements = elements_of(variable.scope, counts);
        const double parts = variable.count_parameter < 0
                                 ? 1
                                 : values[static_cast<std::size_t>(variable.count_parameter)];
        elements_.push_back(elements);
        parts_.push_back(static_cast<std::uint32_t>(std::clamp(parts, 0.0, 1024.0)));
        // Columns behind one another are padded; the end of a single column of neurons is the end.
        // Arrays over post are read to the end of their padding.
        const bool exact = parts_.back() == 1 && variable.scope == SYNFIRE_PER_NEURON;
        arrays_.push_back(std::make_unique<GuardedBytes>(
            fmt::format("the state variable '{}'", variable.name),
            (exact ? elements : parts_.back() * padded_count(elements)) * bytes_of(v)));
        pointers_.push_back(arrays_.back()->bytes());
    }
    reset();
}

void Columns::reset() {
    for (std::size_t v = 0; v < count(); ++v) {
        std::memset(arrays_[v]->bytes(), 0, arrays_[v]->byte_count());
        for (std::uint32_t part = 0; part < parts_[v]; ++part)
            for (std::uint32_t i = 0; i < elements_[v]; ++i)
                set(v, part * padded_count(elements_[v]) + i, description_.variables[v].initial);
    }
}

double Columns::value(std::size_t variable, std::size_t element) const {
    const auto read = [&]<class Element>(Element number) {
        std::memcpy(&number, this->element(variable, element), sizeof number);
        return static_cast<double>(number);
    };
    switch (description_.variables[variable].dtype) {
        case SYNFIRE_F32:
            return read(float{});
        case SYNFIRE_F64:
            return read(double{});
        case SYNFIRE_I32:
            return read(std::int32_t{});
        default:
            return read(std::uint32_t{});
    }
}

void Columns::set(std::size_t variable, std::size_t element, double value) {
    const auto write = [&](auto number) {
        std::memcpy(arrays_[variable]->bytes() + element * sizeof number, &number, sizeof number);
    };
    switch (description_.variables[variable].dtype) {
        case SYNFIRE_F32:
            return write(static_cast<float>(value));
        case SYNFIRE_F64:
            return write(value);
        case SYNFIRE_I32:
            return write(static_cast<std::int32_t>(value));
        default:
            return write(static_cast<std::uint32_t>(value));
    }
}

void Columns::copy(const Columns& other) {
    for (std::size_t v = 0; v < count(); ++v)
        std::memcpy(arrays_[v]->bytes(), other.arrays_[v]->bytes(), arrays_[v]->byte_count());
}

void Columns::require_margins() const {
    for (const auto& array : arrays_) array->require_margins();
}

void Columns::require_finite(const std::string& when) const {
    for (std::size_t v = 0; v < count(); ++v) {
        if (!is_real(v) || !std::isfinite(description_.variables[v].initial)) continue;
        for (std::uint32_t i = 0; i < elements_[v]; ++i)
            if (const double x = value(v, i); !std::isfinite(x))
                throw Fault(fmt::format("its variable '{}' is {} {}", name(v), x, when));
    }
}

void Columns::append_to(std::vector<std::byte>& bytes) const {
    for (const auto& array : arrays_)
        bytes.insert(bytes.end(), array->bytes(), array->bytes() + array->byte_count());
}

void Transcript::add(std::string what, const void* bytes, std::size_t count) {
    const auto* const from = static_cast<const std::byte*>(bytes);
    pieces_.push_back({std::move(what), {from, from + count}});
}

void Transcript::add(const std::string& when, const Columns& columns) {
    for (std::size_t v = 0; v < columns.count(); ++v)
        add(fmt::format("'{}' {}", columns.name(v), when), columns.element(v, 0),
            columns.elements(v) * columns.bytes_of(v));
}

std::optional<std::string> Transcript::difference(const Transcript& other) const {
    for (std::size_t k = 0; k < pieces_.size() && k < other.pieces_.size(); ++k) {
        const Piece &a = pieces_[k], &b = other.pieces_[k];
        if (a.bytes == b.bytes) continue;
        const auto at = std::ranges::mismatch(a.bytes, b.bytes).in1 - a.bytes.begin();
        return fmt::format("{} (from byte {} on)", a.what, at);
    }
    if (pieces_.size() != other.pieces_.size()) return "the number of results";
    return std::nullopt;
}

}  // namespace synfire::conformance
