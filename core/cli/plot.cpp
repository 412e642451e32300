#include "cli/plot.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <iterator>

#include "base/output_file.hpp"
#include "base/problem.hpp"

extern char** environ;

namespace synfire::cli {
namespace {

// Runs gnuplot on the script in a file, or asks for its version, and says whether it was content;
// missing: whether there is no gnuplot.
bool run_gnuplot(const std::string& script, bool& missing) {
    std::string program = "gnuplot", option = script.empty() ? "--version" : "--default-settings";
    char* const arguments[] = {program.data(), option.data(), nullptr};
    posix_spawn_file_actions_t streams;
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_init(&streams);
    posix_spawnattr_init(&attributes);
    posix_spawn_file_actions_addopen(&streams, STDIN_FILENO,
                                     script.empty() ? "/dev/null" : script.c_str(), O_RDONLY, 0);
    for (const int stream : {STDOUT_FILENO, STDERR_FILENO})
        posix_spawn_file_actions_addopen(&streams, stream, "/dev/null", O_WRONLY, 0);
    sigset_t defaults;  // what this program ignores
    sigemptyset(&defaults);
    sigaddset(&defaults, SIGPIPE);
    sigaddset(&defaults, SIGXFSZ);
    posix_spawnattr_setsigdefault(&attributes, &defaults);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
    ::pid_t child = 0;
    const int error =
        posix_spawnp(&child, program.c_str(), &streams, &attributes, arguments, environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&streams);
    missing = error == ENOENT;
    if (error) return false;
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

// A text of gnuplot's that stands for exactly these bytes: in double quotes, everything that could
// mean something there by its number.
std::string gnuplot_text(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                           (c >= '0' && c <= '9') || c == '/' || c == '.' || c == '_' || c == '-' ||
                           c == ' ';
        if (plain)
            out += c;
        else
            fmt::format_to(std::back_inserter(out), "\\{:03o}", byte);
    }
    return out + "\"";
}

// A file name that gnuplot does not take for a command, a pipe or a place of its own.
std::string gnuplot_path(const std::string& path) {
    return gnuplot_text(path.starts_with('/') ? path : "./" + path);
}

// gnuplot does not say when a disk is full.
bool is_whole_svg(const std::string& path) {
    std::ifstream file(path, std::ios::binary | std::ios::ate);
    const std::streamoff size = file.tellg();
    if (!file || size < 16) return false;
    std::string end(16, '\0');
    file.seekg(size - 16);
    file.read(end.data(), 16);
    return file && end.find("</svg>") != end.npos;
}

}  // namespace

RunPlot::RunPlot(const Network& network, std::string folder, std::int64_t ticks)
    : network_(network),
      folder_(std::move(folder)),
      bin_ticks_(std::max<std::int64_t>(1, ticks / bins + (ticks % bins != 0))),
      courses_(network.populations().size()) {
    bool missing = false;
    if (!run_gnuplot("", missing))
        throw InputError(missing ? "--plot needs gnuplot, which is not installed (Debian: "
                                   "gnuplot-nox)."
                                 : "--plot needs gnuplot, which cannot be run.");
    for (Course& course : courses_)
        course.count.resize(static_cast<std::size_t>((ticks + bin_ticks_ - 1) / bin_ticks_));
}

void RunPlot::add(const Simulation& simulation, std::int64_t tick) {
    for (std::uint32_t p = 0; p < courses_.size(); ++p) {
        Course& course = courses_[p];
        const auto spikes = simulation.spikes(p);
        course.count[static_cast<std::size_t>(tick / bin_ticks_)] += spikes.size();
        for (const std::uint32_t neuron : spikes)
            if (neuron < neurons_shown) course.raster.push_back({tick, neuron});
    }
}

std::string RunPlot::path(const char* kind, std::uint32_t p, const char* ending) const {
    return fmt::format("{}/{}{}{}", folder_, kind, network_.populations()[p].description.name,
                       ending);
}

void RunPlot::write_data(std::uint32_t p, std::int64_t ticks) const {
    const double dt = network_.description().dt_ms;
    OutputFile raster(path("raster-", p, ".dat"));
    for (const Spike& spike : courses_[p].raster)
        raster.write(
            fmt::format("{} {}\n", static_cast<double>(spike.tick + 1) * dt, spike.neuron));
    if (courses_[p].raster.empty()) raster.write("nan nan\n");
    raster.close();
    OutputFile rate(path("rate-", p, ".dat"));
    const auto& count = courses_[p].count;
    for (std::size_t k = 0; k < count.size(); ++k) {
        const std::int64_t begin = static_cast<std::int64_t>(k) * bin_ticks_;
        const std::int64_t end = std::min(ticks, begin + bin_ticks_);
        if (begin >= end) break;
        const double seconds = static_cast<double>(end - begin) * dt / 1000;
        rate.write(fmt::format(
            "{} {}\n", 0.5 * (static_cast<double>(begin) + static_cast<double>(end)) * dt,
            static_cast<double>(count[k]) / network_.populations()[p].size() / seconds));
    }
    rate.close();
}

std::string RunPlot::script(std::uint32_t p, std::int64_t ticks) const {
    const Population& population = network_.populations()[p];
    return fmt::format(
        "set terminal svg size 900,600 background rgb 'white'\n"
        "set encoding utf8\n"
        "set output {}\n"
        "set multiplot layout 2,1 title {} noenhanced\n"
        "set xrange [0:{}]\n"
        "set ylabel 'neuron'\nset yrange [-1:{}]\n"
        "plot {} using 1:2 with points pointtype 7 pointsize 0.15 linecolor rgb 'black' notitle\n"
        "set xlabel 'time (ms)'\nset ylabel 'rate (Hz)'\nset yrange [0:*]\n"
        "plot {} using 1:2 with lines linecolor rgb 'navy' notitle\n"
        "unset multiplot\n"
        "unset output\n",
        gnuplot_path(path("", p, ".svg")), gnuplot_text(population.description.name),
        static_cast<double>(std::max<std::int64_t>(1, ticks)) * network_.description().dt_ms,
        std::min(neurons_shown, population.size()), gnuplot_path(path("raster-", p, ".dat")),
        gnuplot_path(path("rate-", p, ".dat")));
}

std::vector<std::string> RunPlot::draw(std::int64_t ticks) const {
    std::vector<std::string> pictures;
    for (std::uint32_t p = 0; p < courses_.size(); ++p) {
        write_data(p, ticks);
        const std::string commands = path("", p, ".gp");
        OutputFile file(commands);
        file.write(script(p, ticks));
        file.close();
        pictures.push_back(path("", p, ".svg"));
        bool missing = false;
        if (!run_gnuplot(commands, missing) || !is_whole_svg(pictures.back()))
            throw std::runtime_error(fmt::format("gnuplot could not draw {}; its script is {}.",
                                                 pictures.back(), commands));
    }
    return pictures;
}

}  // namespace synfire::cli
