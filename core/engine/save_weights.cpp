#include "engine/save_weights.hpp"

#include <fmt/format.h>

#include "base/atomic_file.hpp"
#include "base/hdf5.hpp"
#include "base/hdf5_mark.hpp"
#include "engine/weights.hpp"

namespace synfire {
namespace {

std::vector<double> numbers_of(const Matrix& matrix) {
    std::vector<double> numbers;
    for (std::uint32_t r = 0; r < matrix.rows; ++r)
        numbers.insert(numbers.end(), matrix.values(r).begin(), matrix.values(r).end());
    return numbers;
}

void save_projection(Hdf5File& file, const Simulation& simulation, std::uint32_t number) {
    const Network& network = simulation.network();
    const Projection& p = network.projections()[number];
    const ProjectionDescription& description = network.description().projections[number];
    const std::string group = "/projections/" + p.name;
    auto name = [&](std::uint32_t population) {
        return network.populations()[population].description.name;
    };
    file.write_text(group + "/source_population", name(description.source));
    file.write_text(group + "/target_population", name(description.target));
    const std::vector<std::uint64_t> kernel = p.topology->own().kernel_shape();
    if (kernel.empty()) {
        const Synapses synapses = synapses_of(p);
        file.write<std::uint32_t>(group + "/source", synapses.source);
        file.write<std::uint32_t>(group + "/target", synapses.target);
    }
    file.write<double>(group + "/weight", weights_of(simulation, number), kernel);
    if (p.standardises()) file.write<double>(group + "/gain", numbers_of(p.gain));
    if (p.has_bias()) file.write<double>(group + "/bias", numbers_of(p.bias));
}

}  // namespace

void require_place_for_weights(const std::string& path) {
    require_place(path, "weights", hdf5_mark);
}

void save_weights(const std::string& path, const Simulation& simulation) {
    require_place_for_weights(path);  // a recording may have come to lie there
    replace_file(path, [&](const std::string& temporary) {
        Hdf5File file = Hdf5File::create(temporary);
        const std::uint64_t ticks[] = {static_cast<std::uint64_t>(simulation.tick() + 1)};
        file.write<std::uint64_t>("/ticks", ticks);
        for (std::uint32_t p = 0; p < simulation.network().projections().size(); ++p)
            if (has_weights(simulation.network().projections()[p]))
                save_projection(file, simulation, p);
        file.close();
    });
}

}  // namespace synfire
