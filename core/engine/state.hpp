// The state of a population or of a rule: one aligned column a variable, allocated from the
// plugin's descriptor and owned by the host, so resetting, recording and saving need no plugin.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/matrix.hpp"
#include "synfire/abi.h"

namespace synfire {

// Index of the variable of that name, or -1.
std::int32_t find_variable(const synfire_description& description, std::string_view name);

class StateColumns {
  public:
    struct Counts {
        std::uint32_t neurons = 0, pre = 0, post = 0;
    };

    // parameters: the model's values, for variables whose number of columns a parameter gives.
    StateColumns(const synfire_description& description, std::span<const double> parameters,
                 Counts counts);

    // Every element gets its variable's initial value; padding stays 0.
    void reset();

    StateColumns(const StateColumns& other);
    StateColumns(StateColumns&&) = default;
    StateColumns& operator=(StateColumns&&) = default;
    // Takes the values of another of the same layout.
    void copy(const StateColumns& other);

    void* const* columns() const { return pointers_.data(); }
    std::size_t bytes() const { return storage_.size(); }
    std::size_t variable_count() const { return pointers_.size(); }

    template <class Element>
    Element* column(std::size_t variable) const {
        return static_cast<Element*>(pointers_[variable]);
    }
    // A variable's columns, bytes of an element, and element i of one of its columns.
    std::size_t parts(std::size_t variable) const { return layouts_[variable].columns; }
    std::size_t element_bytes(std::size_t variable) const {
        return layouts_[variable].dtype == SYNFIRE_F64 ? 8 : 4;
    }
    std::byte* element(std::size_t variable, std::size_t part, std::size_t i) const {
        return static_cast<std::byte*>(pointers_[variable]) +
               (part * layouts_[variable].stride + i) * element_bytes(variable);
    }
    // Sets the first elements of a variable's first column.
    template <class Value>  // float or double
    void set(std::size_t variable, std::span<const Value> values);
    // Element i of a variable, as a double.
    double value(std::size_t variable, std::size_t i) const;

    // An element that is infinite or no number, of a variable that does not begin infinite.
    struct Diverged {
        std::size_t variable, element;
    };
    std::optional<Diverged> find_diverged() const;

  private:
    struct Layout {
        std::uint32_t dtype;
        std::size_t offset, elements, columns, stride;  // bytes; then counted in elements
        double initial;
    };
    const synfire_description* description_;
    std::vector<Layout> layouts_;
    AlignedVector<std::byte> storage_;
    std::vector<void*> pointers_;
};

}  // namespace synfire
