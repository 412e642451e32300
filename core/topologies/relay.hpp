// What a relay that averages or adds hands on: events of other populations, each at the place of
// one of the relay's neurons. It never sums them: projections behind it take the events themselves,
// so that events stay events, and sums, traces and gradients are exact.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "topologies/topology.hpp"

namespace synfire {

// The events of one population as a relay hands them on.
struct HandedOn {
    static constexpr std::uint32_t nowhere = UINT32_MAX;

    std::vector<std::uint32_t> place;  // by neuron: the relay's, or nowhere
    std::uint32_t area = 1;            // of an event, 1 / area is handed on
    std::uint32_t population = 0;      // whose they are
};

// The same seen through a second relay, onto which the first one leads.
HandedOn through(const HandedOn& first, const HandedOn& second);

// How often the largest of these has to count for it to be a multiple of the smallest and of all
// between, 1 / the least common multiple of their areas.
std::uint64_t most_times(std::span<const HandedOn> parts);

// A projection from a relay, joined with what leads onto that: its source neurons are those of all
// parts, one part after the other. Events count for what the smallest of them does, their common
// amplitude, or for several such.
std::unique_ptr<Topology> behind_relay(std::span<const HandedOn> parts,
                                       std::unique_ptr<Topology> inner);

// A projection onto a relay that adds: its source neurons are those of the relay from `first` on,
// as behind_relay counts them, of so many in all.
std::unique_ptr<Topology> part_of_relay(std::uint32_t neurons, std::uint32_t first,
                                        std::uint32_t all);

}  // namespace synfire
