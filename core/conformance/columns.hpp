// The state of a model under test, each column a guarded array, and what a run of it looked like,
// bit for bit.
#pragma once

#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "conformance/guarded_array.hpp"
#include "conformance/subject.hpp"

namespace synfire::conformance {

inline std::size_t padded_count(std::size_t count) {
    return (count + 15) / 16 * 16;
}

class Columns {
  public:
    struct Counts {
        std::uint32_t neurons = 0, pre = 0, post = 0;
    };
    Columns(const synfire_description& description, const Values& values, Counts counts);

    // Every element gets its variable's initial value; padding is 0.
    void reset();
    void* const* pointers() const { return pointers_.data(); }
    std::size_t count() const { return arrays_.size(); }
    // Elements of one of a variable's columns.
    std::uint32_t elements(std::size_t variable) const { return elements_[variable]; }
    double value(std::size_t variable, std::size_t element) const;
    // Rounded to the variable's type.
    void set(std::size_t variable, std::size_t element, double value);
    const std::byte* element(std::size_t variable, std::size_t i) const {
        return arrays_[variable]->bytes() + i * bytes_of(variable);
    }
    std::size_t bytes_of(std::size_t variable) const {
        return description_.variables[variable].dtype == SYNFIRE_F64 ? 8 : 4;
    }
    bool is_real(std::size_t variable) const {
        const std::uint32_t dtype = description_.variables[variable].dtype;
        return dtype == SYNFIRE_F32 || dtype == SYNFIRE_F64;
    }
    const char* name(std::size_t variable) const { return description_.variables[variable].name; }
    // Copies what `other`, of the same layout, holds.
    void copy(const Columns& other);
    void require_margins() const;
    // Throws Fault where a real number is infinite or none; when: "after tick 3 of ...".
    void require_finite(const std::string& when) const;
    void append_to(std::vector<std::byte>& bytes) const;

  private:
    const synfire_description& description_;
    std::vector<std::unique_ptr<GuardedBytes>> arrays_;
    std::vector<std::uint32_t> elements_, parts_;
    std::vector<void*> pointers_;
};

// What came out of a run, to be compared bit for bit: named pieces in the order of time.
class Transcript {
  public:
    void add(std::string what, const void* bytes, std::size_t count);
    void add(const std::string& when, const Columns& columns);
    // The first piece that differs, and how; nothing where all are the same.
    std::optional<std::string> difference(const Transcript& other) const;

  private:
    struct Piece {
        std::string what;
        std::vector<std::byte> bytes;
    };
    std::vector<Piece> pieces_;
};

}  // namespace synfire::conformance
