// Run-time choice of the instruction set for loops that the compiler vectorises.
//
// run(body) calls body() compiled three times over: for the baseline, for AVX2 (of CPUs that have
// fused multiply-adds, too) and for AVX-512, whichever is the best that this CPU has. Every version
// does the same IEEE operations in the same order for each element (contraction is off), so results
// do not depend on the CPU. SYNFIRE_ISA=baseline|avx2|avx512 in the environment caps the choice.
//
// A body that takes an argument is told the width of the instruction set's vectors, in bytes:
// run([&](auto width) SYNFIRE_INLINE_LAMBDA { ... width.value ... }), for code that names vectors
// itself. What it computes for each element is not to depend on it.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <string_view>
#include <type_traits>
#include <utility>

#define SYNFIRE_INLINE __attribute__((always_inline)) inline

// For a lambda whose body is to be compiled for the instruction set of run's caller:
// run([&]() SYNFIRE_INLINE_LAMBDA { ... });
#define SYNFIRE_INLINE_LAMBDA __attribute__((always_inline))

namespace synfire::simd {

enum class Isa { baseline, avx2, avx512 };

inline Isa detect() {
    Isa best = Isa::baseline;
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) best = Isa::avx2;
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
        __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl"))
        best = Isa::avx512;
#endif
    if (const char* cap = std::getenv("SYNFIRE_ISA")) {
        if (std::string_view(cap) == "baseline") return Isa::baseline;
        if (std::string_view(cap) == "avx2" && best == Isa::avx512) return Isa::avx2;
    }
    return best;
}

// The instruction set in use, decided once a process.
inline Isa isa() {
    static const Isa chosen = detect();
    return chosen;
}

inline const char* name(Isa isa) {
    return isa == Isa::avx512 ? "avx512" : isa == Isa::avx2 ? "avx2" : "baseline";
}

// The width of vectors, in bytes.
template <std::size_t Bytes>
using Width = std::integral_constant<std::size_t, Bytes>;

// A macro, since a function in between would have to be inlined into each of run's versions.
#define SYNFIRE_CALL_WITH_WIDTH(body, bytes)                \
    if constexpr (std::is_invocable_v<Body&, Width<bytes>>) \
        body(Width<bytes>{});                               \
    else                                                    \
        body()

#if defined(__x86_64__)
#if defined(__clang__)
#define SYNFIRE_TARGET_AVX512 __attribute__((target("avx512f,avx512dq,avx512bw,avx512vl")))
#else
#define SYNFIRE_TARGET_AVX512 \
    __attribute__((target("avx512f,avx512dq,avx512bw,avx512vl,prefer-vector-width=512")))
#endif
#define SYNFIRE_TARGET_AVX2 __attribute__((target("avx2")))

template <class Body>
SYNFIRE_TARGET_AVX512 void run_avx512(Body&& body) {
    SYNFIRE_CALL_WITH_WIDTH(body, 64);
}
template <class Body>
SYNFIRE_TARGET_AVX2 void run_avx2(Body&& body) {
    SYNFIRE_CALL_WITH_WIDTH(body, 32);
}
#endif

template <class Body>
void run(Body&& body) {
#if defined(__x86_64__)
    switch (isa()) {
        case Isa::avx512:
            return run_avx512(std::forward<Body>(body));
        case Isa::avx2:
            return run_avx2(std::forward<Body>(body));
        case Isa::baseline:
            break;
    }
#endif
    SYNFIRE_CALL_WITH_WIDTH(body, 16);
}

#undef SYNFIRE_CALL_WITH_WIDTH

}  // namespace synfire::simd
