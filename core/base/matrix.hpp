// A row-major matrix of floats whose rows begin on 64-byte boundaries and are padded to whole
// vectors of 16. The padding is always 0, so kernels may run over it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/aligned_memory.hpp"

namespace synfire {

// The number of elements that `count` elements take when padded to whole vectors.
constexpr std::size_t padded(std::size_t count) {
    return (count + 15) / 16 * 16;
}

template <class Element>
struct AlignedAllocator {
    using value_type = Element;
    AlignedAllocator() = default;
    template <class Other>
    AlignedAllocator(const AlignedAllocator<Other>&) {}
    Element* allocate(std::size_t n) {
        return static_cast<Element*>(allocate_aligned(n * sizeof(Element)));
    }
    void deallocate(Element* p, std::size_t n) { free_aligned(p, n * sizeof(Element)); }
    bool operator==(const AlignedAllocator&) const { return true; }
};

template <class Element>
using AlignedVector = std::vector<Element, AlignedAllocator<Element>>;

struct Matrix {
    std::uint32_t rows = 0, columns = 0;
    std::size_t stride = 0;  // elements from one row to the next
    AlignedVector<float> data;

    Matrix() = default;
    Matrix(std::uint32_t rows_, std::uint32_t columns_)
        : rows(rows_), columns(columns_), stride(padded(columns_)), data(rows_ * stride) {}

    float* row(std::size_t r) { return data.data() + r * stride; }
    const float* row(std::size_t r) const { return data.data() + r * stride; }
    std::span<float> values(std::size_t r) { return {row(r), columns}; }
    std::span<const float> values(std::size_t r) const { return {row(r), columns}; }
    std::size_t bytes() const { return data.size() * sizeof(float); }
};

}  // namespace synfire
