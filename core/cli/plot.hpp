// Pictures of a run: for each population a raster of its first neurons' spikes and the course of
// its rate, drawn by gnuplot as SVG from data files that stay beside them. Spikes of tick t are
// drawn at its end, (t + 1) * dt_ms. No name is ever given to a shell.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/simulation.hpp"

namespace synfire::cli {

class RunPlot {
  public:
    // folder: exists; ticks: most that the run may have. Throws InputError where gnuplot is not
    // installed.
    RunPlot(const Network& network, std::string folder, std::int64_t ticks);

    // To be called after every visited tick.
    void add(const Simulation& simulation, std::int64_t tick);
    // Writes and draws; returns the pictures' paths.
    std::vector<std::string> draw(std::int64_t ticks) const;

  private:
    static constexpr std::uint32_t neurons_shown = 100;
    static constexpr std::int64_t bins = 200;  // of a rate's course

    struct Spike {
        std::int64_t tick;
        std::uint32_t neuron;
    };
    struct Course {
        std::vector<Spike> raster;         // of the first neurons
        std::vector<std::uint64_t> count;  // of all neurons, by bin
    };
    void write_data(std::uint32_t population, std::int64_t ticks) const;
    std::string script(std::uint32_t population, std::int64_t ticks) const;
    std::string path(const char* kind, std::uint32_t population, const char* ending) const;

    const Network& network_;
    std::string folder_;
    std::int64_t bin_ticks_;
    std::vector<Course> courses_;
};

}  // namespace synfire::cli
