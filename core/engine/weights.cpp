#include "engine/weights.hpp"

namespace synfire {

bool has_weights(const Projection& projection) {
    return projection.one_weight || !projection.listed.empty() || projection.weights.rows > 0;
}

Synapses synapses_of(const Projection& projection) {
    const Topology& topology = projection.topology->own();
    Synapses synapses;
    for (std::uint32_t j = 0; j < topology.pre_count(); ++j)
        topology.for_each_synapse(j, [&](std::uint32_t target, std::uint32_t, std::uint32_t) {
            synapses.source.push_back(j);
            synapses.target.push_back(target);
        });
    return synapses;
}

std::vector<double> weights_of(const Simulation& simulation, std::uint32_t number) {
    const Projection& p = simulation.network().projections()[number];
    if (!p.rule) return weights_of(p);
    const std::vector<float> weights = simulation.plastic_weights(number);
    return {weights.begin(), weights.end()};
}

std::vector<double> weights_of(const Projection& p) {
    if (p.one_weight) return {*p.one_weight};
    if (!p.listed.empty()) return {p.listed.begin(), p.listed.end()};
    // Spikes meet standardised weights times what one event counts for.
    const Matrix& matrix = p.standardises() ? p.effective : p.weights;
    const float part = p.standardises() ? p.topology->amplitude() : 1.0f;
    std::vector<double> weights;
    for (std::uint32_t r = 0; r < matrix.rows; ++r)
        for (const float w : matrix.values(r)) weights.push_back(w / part);
    return weights;
}

}  // namespace synfire
