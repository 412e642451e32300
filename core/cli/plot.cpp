#include "cli/plot.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>

#include "base/problem.hpp"
#include "cli/results_folder.hpp"

namespace synfire::cli {

RunPlot::RunPlot(const Network& network, std::string folder)
    : network_(network),
      folder_(results_folder(std::move(folder), "plots")),
      courses_(network.populations().size()) {
    if (std::system("gnuplot --version > /dev/null 2>&1") != 0)
        throw InputError("--plot needs gnuplot, which is not installed (Debian: gnuplot-nox).");
}

void RunPlot::add(const Simulation& simulation, std::int64_t tick) {
    for (std::uint32_t p = 0; p < courses_.size(); ++p) {
        Course& course = courses_[p];
        const auto spikes = simulation.spikes(p);
        if (spikes.empty()) continue;
        course.count.resize(static_cast<std::size_t>(tick) + 1);
        course.count.back() = static_cast<std::uint32_t>(spikes.size());
        for (const std::uint32_t neuron : spikes)
            if (neuron < neurons_shown) course.raster.push_back({tick, neuron});
    }
}

void RunPlot::write_data(std::uint32_t p, std::int64_t ticks) const {
    const double dt = network_.description().dt_ms;
    const Population& population = network_.populations()[p];
    const std::string& name = population.description.name;
    std::ofstream raster(fmt::format("{}/raster-{}.dat", folder_, name));
    for (const Spike& spike : courses_[p].raster)
        raster << fmt::format("{} {}\n", static_cast<double>(spike.tick) * dt, spike.neuron);
    if (courses_[p].raster.empty()) raster << "nan nan\n";
    std::ofstream rate(fmt::format("{}/rate-{}.dat", folder_, name));
    const std::int64_t length = std::max<std::int64_t>(1, (ticks + bins - 1) / bins);
    const auto& count = courses_[p].count;
    for (std::int64_t begin = 0; begin < ticks; begin += length) {
        const std::int64_t end = std::min(ticks, begin + length);
        double sum = 0;
        for (std::int64_t t = begin; t < end && t < static_cast<std::int64_t>(count.size()); ++t)
            sum += count[static_cast<std::size_t>(t)];
        const double seconds = static_cast<double>(end - begin) * dt / 1000;
        rate << fmt::format("{} {}\n", 0.5 * static_cast<double>(begin + end) * dt,
                            sum / population.size() / seconds);
    }
    if (!raster.flush() || !rate.flush())
        throw std::runtime_error(fmt::format("{}: the plots' data cannot be written.", folder_));
}

std::vector<std::string> RunPlot::draw(std::int64_t ticks) const {
    std::vector<std::string> pictures;
    const double end_ms = static_cast<double>(ticks) * network_.description().dt_ms;
    for (std::uint32_t p = 0; p < courses_.size(); ++p) {
        const std::string& name = network_.populations()[p].description.name;
        write_data(p, ticks);
        pictures.push_back(fmt::format("{}/{}.svg", folder_, name));
        const std::string script = fmt::format("{}/{}.gp", folder_, name);
        std::ofstream(script) << fmt::format(
            "set terminal svg size 900,600 background rgb 'white'\n"
            "set output '{0}/{1}.svg'\n"
            "set multiplot layout 2,1 title '{1}' noenhanced\n"
            "set xrange [0:{2}]\n"
            "set ylabel 'neuron'\nset yrange [-1:{3}]\n"
            "plot '{0}/raster-{1}.dat' using 1:2 with points pointtype 7 pointsize 0.15 "
            "linecolor rgb 'black' notitle\n"
            "set xlabel 'time (ms)'\nset ylabel 'rate (Hz)'\nset yrange [0:*]\n"
            "plot '{0}/rate-{1}.dat' using 1:2 with lines linecolor rgb 'navy' notitle\n"
            "unset multiplot\n",
            folder_, name, end_ms, std::min(neurons_shown, network_.populations()[p].size()));
        if (std::system(fmt::format("gnuplot '{}' > /dev/null 2>&1", script).c_str()) != 0)
            throw std::runtime_error(fmt::format("gnuplot could not draw {}; its script is {}.",
                                                 pictures.back(), script));
    }
    return pictures;
}

}  // namespace synfire::cli
