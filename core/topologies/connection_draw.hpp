// Drawing the synapses of a random projection. Each target neuron (with an in-degree or a
// probability) or source neuron (with an out-degree) draws from a stream of its own, so synapses
// are the same for any number of threads, and can be drawn again in place of being kept.
#pragma once

#include <cstdint>
#include <vector>

namespace synfire {

struct ConnectionDraw {
    enum class Kind { in_degree, out_degree, probability };

    Kind kind = Kind::in_degree;
    std::uint32_t degree = 0;
    double probability = 0;
    bool autapses = true, multapses = true;
    bool recurrent = false;  // source and target are the same population
    std::uint32_t pre_count = 0, post_count = 0;
    std::uint64_t seed = 0;
    std::uint32_t projection = 0;

    // Whether it is targets that draw their sources, or sources their targets.
    bool by_target() const { return kind != Kind::out_degree; }
    std::uint32_t drawers() const { return by_target() ? post_count : pre_count; }
    // How many synapses there will be, on average.
    double expected() const;
    // The partners that one drawer draws, in the order of drawing. `taken` is scratch of the
    // caller's.
    void draw(std::uint32_t drawer, std::vector<bool>& taken,
              std::vector<std::uint32_t>& partners) const;
};

}  // namespace synfire
