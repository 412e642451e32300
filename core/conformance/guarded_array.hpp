// Arrays for a plugin to work on, each on pages of its own between pages that nobody may touch:
// what writes or reads beyond its end, or writes into one that is sealed, ends the process, and the
// scene says which array it was. Bytes between the array and its pages' edges are watched.
//
// An array begins at a multiple of 64 bytes and ends as near to the page behind it as that allows.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace synfire::conformance {

class GuardedBytes {
  public:
    // name: as a sentence calls the array.
    GuardedBytes(std::string name, std::size_t bytes);
    ~GuardedBytes();
    GuardedBytes(const GuardedBytes&) = delete;
    GuardedBytes& operator=(const GuardedBytes&) = delete;

    std::byte* bytes() const { return begin_; }
    std::size_t byte_count() const { return size_; }
    const std::string& name() const { return name_; }

    // May be read only; may not be touched at all; may be written.
    void seal();
    void close();
    void open();

    // Throws Fault where something was written around the array.
    void require_margins() const;

  private:
    void protect(int how, const char* rule);

    std::string name_;
    std::size_t size_, mapped_;
    std::byte *map_, *pages_, *begin_;
};

template <class Element>
class GuardedArray : public GuardedBytes {
  public:
    GuardedArray(std::string name, std::size_t count)
        : GuardedBytes(std::move(name), count * sizeof(Element)) {}
    Element* data() const { return reinterpret_cast<Element*>(bytes()); }
    std::size_t size() const { return byte_count() / sizeof(Element); }
    Element& operator[](std::size_t i) const { return data()[i]; }
    Element* begin() const { return data(); }
    Element* end() const { return data() + size(); }
};

// From now on a fault of memory in this process is put into words.
void explain_memory_faults();

}  // namespace synfire::conformance
