// Numbers as a file stores them: their class, sign and size are kept until somebody asks for them
// as something else, and what does not fit is not converted in silence.
#pragma once

#include <fmt/format.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace synfire {

struct StoredType {
    enum Kind : std::uint8_t { signed_whole, unsigned_whole, real };
    Kind kind = real;
    std::uint8_t bytes = 8;    // of a number in memory: 1, 2, 4 or 8; 4 or 8 of a real one
    std::uint8_t digits = 53;  // binary digits of a real number where it was stored: 11 of float16
};

// Some numbers of one type, which belong to somebody else.
class StoredNumbers {
  public:
    StoredNumbers(StoredType type, const void* data, std::size_t size)
        : type_(type), data_(data), size_(size) {}

    StoredType type() const { return type_; }
    std::size_t size() const { return size_; }

    // Calls use(span of the numbers as they are).
    template <class Use>
    decltype(auto) visit(Use&& use) const {
        switch (type_.kind) {
            case StoredType::signed_whole:
                if (type_.bytes == 1) return use(as<std::int8_t>());
                if (type_.bytes == 2) return use(as<std::int16_t>());
                if (type_.bytes == 4) return use(as<std::int32_t>());
                return use(as<std::int64_t>());
            case StoredType::unsigned_whole:
                if (type_.bytes == 1) return use(as<std::uint8_t>());
                if (type_.bytes == 2) return use(as<std::uint16_t>());
                if (type_.bytes == 4) return use(as<std::uint32_t>());
                return use(as<std::uint64_t>());
            case StoredType::real:
                break;
        }
        if (type_.bytes == 4) return use(as<float>());
        return use(as<double>());
    }

  private:
    template <class Element>
    std::span<const Element> as() const {
        return {static_cast<const Element*>(data_), size_};
    }

    StoredType type_;
    const void* data_;
    std::size_t size_;
};

// For messages: 8-bit integers are numbers too.
template <class Number>
std::string number_text(Number number) {
    return fmt::format("{}", +number);
}

}  // namespace synfire
