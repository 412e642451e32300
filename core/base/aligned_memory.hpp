// Memory for large arrays: on 64-byte boundaries, and, from a few megabytes on, in huge pages where
// the system has them, since arrays that are read here and there would otherwise wait for page
// tables.
#pragma once

#include <cstddef>

namespace synfire {

// Throws std::bad_alloc. Free with free_aligned and the same number of bytes.
void* allocate_aligned(std::size_t bytes);
void free_aligned(void* memory, std::size_t bytes);

}  // namespace synfire
