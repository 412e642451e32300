#include "network/weights_file.hpp"

#include <fmt/format.h>

#include <cmath>

#include "base/hdf5_reader.hpp"
#include "base/problem.hpp"

namespace synfire {
namespace {

std::string shape_text(const std::vector<std::uint64_t>& shape) {
    std::string text;
    for (const std::uint64_t extent : shape)
        text += fmt::format("{}{}", text.empty() ? "" : " x ", extent);
    return text;
}

// Every synapse has its source and target beside it.
void require_same_synapses(Hdf5Reader& file, const std::string& group, const Topology& topology) {
    const auto sources = file.whole_numbers(group + "/source");
    const auto targets = file.whole_numbers(group + "/target");
    std::size_t next = 0;
    for (std::uint32_t j = 0; j < topology.pre_count(); ++j)
        topology.for_each_synapse(j, [&](std::uint32_t target, std::uint32_t, std::uint32_t) {
            const bool same = next < sources.size() && next < targets.size() &&
                              sources[next] == j && targets[next] == target;
            if (!same)
                throw InputError(fmt::format(
                    "{}: {} has other synapses than the projection: number {} of the projection "
                    "leads from neuron {} to {}; a file of the same network is expected.",
                    file.path(), group, next, j, target));
            ++next;
        });
}

}  // namespace

std::vector<double> read_weights(const std::string& path, const std::string& projection,
                                 const Topology& given) {
    Hdf5Reader file(path);
    const Topology& topology = given.own();
    const Matrix form = topology.make_weights();
    const std::uint64_t count = std::uint64_t{form.rows} * form.columns;
    const std::string group = "/projections/" + projection;
    const std::string parameter = "/parameters/" + projection + " weight";
    const bool saved = file.has(group + "/weight");
    if (!saved && !file.has(parameter))
        throw InputError(fmt::format(
            "{}: it has no weights of '{}'; a file that `synfire run --save` or `synfire train` "
            "wrote is expected, with a projection of that name.",
            path, projection));
    const std::string dataset = saved ? group + "/weight" : parameter;
    const auto kernel = topology.kernel_shape();
    const auto expected = !saved           ? std::vector<std::uint64_t>{form.rows, form.columns}
                          : kernel.empty() ? std::vector<std::uint64_t>{count}
                                           : kernel;
    const auto shape = file.shape(dataset);
    const bool one_for_all = saved && kernel.empty() && shape == std::vector<std::uint64_t>{1};
    if (shape != expected && !one_for_all)
        throw InputError(fmt::format("{}: {} has {} numbers and '{}' takes {}.", path, dataset,
                                     shape_text(shape), projection, shape_text(expected)));
    if (saved && kernel.empty()) require_same_synapses(file, group, topology);
    std::vector<double> weights = file.real_numbers(dataset);
    for (const double w : weights)
        if (!std::isfinite(static_cast<float>(w)))
            throw InputError(
                fmt::format("{}: {} has a weight of {}, which is not to be; finite "
                            "numbers in single precision are expected.",
                            path, dataset, w));
    if (one_for_all) weights.resize(count, weights.front());
    return weights;
}

}  // namespace synfire
