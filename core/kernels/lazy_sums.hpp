// What reaches lazily kept neurons at a tick. The first time that a neuron is reached its state is
// taken from its record, which lies somewhere among very many, to the next place in columns, where
// its input is summed; so that a synaptic event costs one look at distant memory.
//
// engine/lazy_neurons.hpp owns all that this points to. Ticks are counted from 1, in 31 bits.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "synfire/simd.hpp"

namespace synfire {

struct LazySums {
    static constexpr std::uint32_t in_columns = std::uint32_t{1} << 31;

    // A record: variables of 8 bytes, those of 4, and the tick at which they stand or, with the bit
    // in_columns, the place in the columns that they were taken to. Any is for any numbers.
    template <std::size_t Wide, std::size_t Narrow>
    struct Layout {
        static constexpr std::size_t wide = Wide, narrow = Narrow;
        static constexpr std::size_t anchor = 8 * Wide + 4 * Narrow;
        static constexpr std::size_t bytes = (anchor + 4 + 7) / 8 * 8;
    };
    struct Any {
        std::size_t wide = 0, narrow = 0, anchor = 0, bytes = 8;
    };
    Any layout;

    // body(layout) with one whose numbers the compiler knows, where that is a usual one.
    template <class Body>
    SYNFIRE_INLINE void with_layout(Body&& body) const {
        if (layout.wide == 1 && layout.narrow == 1) return body(Layout<1, 1>{});
        if (layout.wide == 0 && layout.narrow == 1) return body(Layout<0, 1>{});
        body(layout);
    }

    // Adds to one of the neurons' sums, with what it looks at for every event in registers. `sums`
    // is to be left alone until it ends; there is to be room for all that it adds to.
    template <class L>
    class Adder {
      public:
        SYNFIRE_INLINE Adder(LazySums& sums, const L& layout, std::uint32_t which)
            : of_(sums),
              layout_(layout),
              records_(sums.records),
              now_(sums.now),
              neurons_(sums.neurons),
              silent_ticks_(sums.silent_ticks),
              sum_(sums.sums[which]),
              other_(sums.sums[1 - which]),
              count_(sums.count) {}
        Adder(const Adder&) = delete;
        Adder& operator=(const Adder&) = delete;
        SYNFIRE_INLINE ~Adder() { of_.count = count_; }

        // Neuron i receives w.
        SYNFIRE_INLINE void add(std::size_t i, double w) {
            std::byte* const record = records_ + i * layout_.bytes;
            std::uint32_t then;
            std::memcpy(&then, record + layout_.anchor, sizeof then);
            if (then & in_columns) {
                sum_[then & ~in_columns] += w;
                return;
            }
            const std::size_t place = count_++;
            const std::uint32_t mark = static_cast<std::uint32_t>(place) | in_columns;
            std::memcpy(record + layout_.anchor, &mark, sizeof mark);
            neurons_[place] = static_cast<std::uint32_t>(i);
            silent_ticks_[place] = now_ - then - 1;
            for (std::size_t e = 0; e < layout_.wide; ++e)
                std::memcpy(of_.columns[e] + 8 * place, record + 8 * e, 8);
            for (std::size_t e = 0; e < layout_.narrow; ++e)
                std::memcpy(of_.columns[layout_.wide + e] + 4 * place,
                            record + 8 * layout_.wide + 4 * e, 4);
            sum_[place] = w;
            if (other_) other_[place] = 0;
        }
        // Brings what `add` looks at near.
        SYNFIRE_INLINE void fetch(std::size_t i) const {
            __builtin_prefetch(records_ + i * layout_.bytes, 1);
        }

      private:
        LazySums& of_;
        const L& layout_;
        std::byte* const records_;
        const std::uint32_t now_;
        std::uint32_t* const neurons_;
        std::uint32_t* const silent_ticks_;
        double *const sum_, *const other_;
        std::uint32_t count_;
    };
    // Neuron i receives w in one of its sums.
    void add(std::uint32_t which, std::size_t i, double w) {
        Adder<Any>(*this, layout, which).add(i, w);
    }

    std::byte* records = nullptr;
    std::byte* const* columns = nullptr;  // of the wide variables, then of the others
    std::uint32_t now = 0;
    // By place: the neuron, the ticks before at which nothing reached it, and its sums; the second
    // is null where neurons do not tell inhibition apart.
    std::uint32_t* neurons = nullptr;
    std::uint32_t* silent_ticks = nullptr;
    double* sums[2] = {};
    std::uint32_t count = 0;
};

}  // namespace synfire
