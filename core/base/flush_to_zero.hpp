// Subnormal numbers become 0 on this thread while an object of this class lives. Derivatives
// carried far back through time, traces and currents that decay end among them, and CPUs take a
// hundred times as long for arithmetic on them. Nothing where the architecture is not known.
#pragma once

#include <cstdint>

namespace synfire {

class FlushToZero {
  public:
#if defined(__x86_64__)
    FlushToZero() : before_(__builtin_ia32_stmxcsr()) {
        constexpr unsigned results = 0x8000, operands = 0x0040;
        __builtin_ia32_ldmxcsr(static_cast<unsigned>(before_) | results | operands);
    }
    ~FlushToZero() {
        __builtin_ia32_ldmxcsr(static_cast<unsigned>(before_));
    }
#elif defined(__aarch64__)
    FlushToZero() {
        asm volatile("mrs %0, fpcr" : "=r"(before_));
        asm volatile("msr fpcr, %0" ::"r"(before_ | (std::uint64_t{1} << 24)));
    }
    ~FlushToZero() {
        asm volatile("msr fpcr, %0" ::"r"(before_));
    }
#else
    FlushToZero() = default;
    ~FlushToZero() = default;
#endif
    FlushToZero(const FlushToZero&) = delete;
    FlushToZero& operator=(const FlushToZero&) = delete;

  private:
    [[maybe_unused]] std::uint64_t before_ = 0;
};

}  // namespace synfire
