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
        if (layout.wide == 3 && layout.narrow == 1) return body(Layout<3, 1>{});
        body(layout);
    }

    // Neuron i receives w in one of its sums. There is to be room for it.
    template <class L>
    SYNFIRE_INLINE void add(const L& l, std::uint32_t which, std::size_t i, double w) {
        sums[which][place(l, i)] += w;
    }
    // Its place in the columns.
    template <class L>
    SYNFIRE_INLINE std::uint32_t place(const L& l, std::size_t i) {
        std::byte* const record = records + i * l.bytes;
        std::uint32_t then;
        std::memcpy(&then, record + l.anchor, sizeof then);
        if (then & in_columns) return then & ~in_columns;
        const std::uint32_t place = count++;
        const std::uint32_t mark = place | in_columns;
        std::memcpy(record + l.anchor, &mark, sizeof mark);
        neurons[place] = static_cast<std::uint32_t>(i);
        silent_ticks[place] = now - then - 1;
        for (std::size_t e = 0; e < l.wide; ++e)
            std::memcpy(columns[e] + 8 * std::size_t{place}, record + 8 * e, 8);
        for (std::size_t e = 0; e < l.narrow; ++e)
            std::memcpy(columns[l.wide + e] + 4 * std::size_t{place}, record + 8 * l.wide + 4 * e,
                        4);
        sums[0][place] = 0;
        if (sums[1]) sums[1][place] = 0;
        return place;
    }
    // Brings what place looks at near.
    template <class L>
    SYNFIRE_INLINE void fetch(const L& l, std::size_t i) const {
        __builtin_prefetch(records + i * l.bytes, 1);
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
