#include "network/weights_file.hpp"

#include <fmt/format.h>

#include <algorithm>
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

// A data set of finite numbers of a shape, or of one number for all.
std::vector<double> read_numbers(Hdf5Reader& file, const std::string& dataset,
                                 const std::string& projection,
                                 const std::vector<std::uint64_t>& expected) {
    const auto shape = file.shape(dataset);
    if (shape != expected)
        throw InputError(fmt::format("{}: {} has {} numbers and '{}' takes {}.", file.path(),
                                     dataset, shape_text(shape), projection, shape_text(expected)));
    std::vector<double> numbers = file.real_numbers(dataset);
    for (const double number : numbers)
        if (!std::isfinite(static_cast<float>(number)))
            throw InputError(
                fmt::format("{}: {} has a number of {}, which is not to be; finite numbers in "
                            "single precision are expected.",
                            file.path(), dataset, number));
    return numbers;
}

}  // namespace

SavedProjection read_projection(const std::string& path, const std::string& saved,
                                const Takes& takes) {
    Hdf5Reader file(path);
    const Topology& topology = takes.topology.own();
    const Matrix form = topology.make_weights();
    const std::uint64_t count = std::uint64_t{form.rows} * form.columns;
    const std::string group = "/projections/" + saved, parameter = "/parameters/" + saved;
    const bool by_run = file.has(group + "/weight");
    if (!by_run && !file.has(parameter + " weight"))
        throw InputError(fmt::format(
            "{}: it has no weights of '{}'; a file that `synfire run --save` or `synfire train` "
            "wrote is expected, with a projection of that name.",
            path, saved));
    auto place = [&](const char* what) {
        return by_run ? group + "/" + what : parameter + " " + what;
    };
    const auto kernel = topology.kernel_shape();
    auto expected = !by_run          ? std::vector<std::uint64_t>{form.rows, form.columns}
                    : kernel.empty() ? std::vector<std::uint64_t>{count}
                                     : kernel;
    const bool one_for_all =
        by_run && kernel.empty() && file.shape(place("weight")) == std::vector<std::uint64_t>{1};
    if (one_for_all) expected = {1};
    SavedProjection read;
    read.weights = read_numbers(file, place("weight"), saved, expected);
    if (by_run && kernel.empty()) require_same_synapses(file, group, topology);
    if (one_for_all) read.weights.resize(count, read.weights.front());

    auto refuse = [&](const char* what, const char* allowed) {
        throw InputError(fmt::format("{}: '{}' has {} there, for which '{}' has no place; {}.",
                                     path, saved, what, takes.name, allowed));
    };
    if (file.has(place("gain"))) {
        if (by_run && takes.gain)
            refuse("weights that are standardised already",
                   "allowed: \"standardise\": false, or a checkpoint of `synfire train`");
        if (!by_run && !takes.gain) refuse("a gain", "\"standardise\": true is expected");
        if (!by_run) read.gain = read_numbers(file, place("gain"), saved, {1, form.columns});
    }
    if (file.has(place("bias"))) {
        const std::uint64_t biases = topology.bias_count();
        read.bias =
            read_numbers(file, place("bias"), saved,
                         by_run ? std::vector{biases} : std::vector<std::uint64_t>{1, biases});
        if (!takes.bias && std::ranges::any_of(read.bias, [](double b) { return b != 0; }))
            refuse("a bias", "\"bias\": true is expected");
    }
    return read;
}

}  // namespace synfire
