#include "topologies/connection_draw.hpp"

#include <cmath>

#include "base/random.hpp"

namespace synfire {

double ConnectionDraw::expected() const {
    if (kind == Kind::probability) return probability * pre_count * static_cast<double>(post_count);
    return static_cast<double>(degree) * drawers();
}

void ConnectionDraw::draw(std::uint32_t drawer, std::vector<bool>& taken,
                          std::vector<std::uint32_t>& partners) const {
    partners.clear();
    Random random(seed, Stream::topology, projection, drawer);
    const std::uint32_t available = by_target() ? pre_count : post_count;
    const bool no_self = recurrent && !autapses;
    if (kind == Kind::probability) {
        // Gaps between synapses are geometric: one draw a synapse, not one a pair.
        if (probability <= 0) return;
        const double scale = probability < 1 ? 1 / std::log1p(-probability) : 0;
        for (double at = -1;;) {
            const double u = (static_cast<double>(random.bits()) + 0.5) * 0x1p-32;
            at += 1 + std::floor(std::log(u) * scale);
            if (!(at < available)) return;
            const auto partner = static_cast<std::uint32_t>(at);
            if (!no_self || partner != drawer) partners.push_back(partner);
        }
    }
    if (!multapses) taken.resize(available);
    while (partners.size() < degree) {
        const std::uint32_t partner = random.below(available);
        if ((no_self && partner == drawer) || (!multapses && taken[partner])) continue;
        if (!multapses) taken[partner] = true;
        partners.push_back(partner);
    }
    if (!multapses)
        for (const std::uint32_t partner : partners) taken[partner] = false;
}

}  // namespace synfire
