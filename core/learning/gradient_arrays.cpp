#include "learning/gradient_arrays.hpp"

#include <utility>

#include "kernels/rows.hpp"

namespace synfire {

GradientArrays make_gradients(const Network& network) {
    GradientArrays gradients(network.projections().size());
    for (std::size_t p = 0; p < gradients.size(); ++p) {
        const Projection& projection = network.projections()[p];
        if (!projection.learn) continue;
        gradients[p].weights = projection.topology->make_weights();
        if (projection.has_bias() && !projection.rule)
            gradients[p].bias = Matrix(1, projection.bias.columns);
    }
    for (const Population& population : network.populations())
        if (population.kept.rows > 0)
            gradients.push_back({Matrix(population.kept.rows, population.kept.columns), {}});
    return gradients;
}

std::size_t bytes(const GradientArrays& gradients) {
    std::size_t bytes = 0;
    for (const ProjectionGradient& g : gradients) bytes += g.weights.bytes() + g.bias.bytes();
    return bytes;
}

void exchange(GradientArrays& a, GradientArrays& b) {
    for (std::size_t p = 0; p < a.size(); ++p) std::swap(a[p], b[p]);
}

void add(GradientArrays& a, const GradientArrays& b) {
    auto add_matrix = [](Matrix& to, const Matrix& from) {
        kernels::add(to.data.data(), from.data.data(), from.data.size());
    };
    for (std::size_t p = 0; p < a.size(); ++p) {
        add_matrix(a[p].weights, b[p].weights);
        add_matrix(a[p].bias, b[p].bias);
    }
}

}  // namespace synfire
