// From one flag a neuron to the list of those that fired.
#pragma once

#include <bit>
#include <cstdint>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include "simd.hpp"

namespace synfire::sdk::detail {

#if defined(__x86_64__)
// Sixteen flags a step, without a branch that depends on them.
SYNFIRE_TARGET_AVX512 inline std::uint32_t list_fired_avx512(const std::uint32_t* fired,
                                                             std::uint32_t length,
                                                             std::uint32_t begin,
                                                             std::uint32_t* list,
                                                             std::uint32_t count) {
    __m512i number =
        _mm512_add_epi32(_mm512_set1_epi32(static_cast<int>(begin)),
                         _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15));
    for (std::uint32_t k = 0; k < length; k += 16) {
        const __m512i flags = _mm512_load_si512(fired + k);
        const __mmask16 mask = _mm512_test_epi32_mask(flags, flags);
        const auto some = static_cast<std::uint32_t>(std::popcount(std::uint32_t{mask}));
        _mm512_mask_storeu_epi32(list + count, static_cast<__mmask16>((1u << some) - 1),
                                 _mm512_maskz_compress_epi32(mask, number));
        count += some;
        number = _mm512_add_epi32(number, _mm512_set1_epi32(16));
    }
    return count;
}
#endif

// Appends begin + k to the list, which has `count` elements, for each k < length at which fired is
// 1; returns the new number. The flags begin on a 64-byte boundary and have room for `length`
// rounded up to 16.
template <class Flag>
SYNFIRE_INLINE std::uint32_t list_fired(Flag* fired, std::uint32_t length, std::uint32_t begin,
                                        std::uint32_t* list, std::uint32_t count) {
    for (std::uint32_t k = length; k % 16 != 0; ++k) fired[k] = 0;
#if defined(__x86_64__)
    if constexpr (sizeof(Flag) == 4)
        if (simd::isa() == simd::Isa::avx512)
            return list_fired_avx512(fired, length, begin, list, count);
#endif
    // Eight at a time, since few fire.
    for (std::uint32_t k = 0; k < length; k += 8) {
        std::uint32_t eight = 0;
        for (std::uint32_t b = 0; b < 8; ++b)
            eight |= static_cast<std::uint32_t>(fired[k + b]) << b;
        for (; eight != 0; eight &= eight - 1)
            list[count++] = begin + k + static_cast<std::uint32_t>(std::countr_zero(eight));
    }
    return count;
}

}  // namespace synfire::sdk::detail
