#include "cli/simulation_input.hpp"

#include <fmt/format.h>

#include <cmath>

namespace synfire::cli {
namespace {

// "1s", "250ms" or "0.5 s" in ticks. Throws InputError.
std::int64_t to_ticks(const std::string& duration, double dt_ms) {
    std::size_t end = 0;
    double value = 0;
    try {
        value = std::stod(duration, &end);
    } catch (const std::exception&) {
        end = 0;
    }
    std::string unit = duration.substr(end);
    std::erase(unit, ' ');
    const double ms = unit == "s" ? value * 1000 : value;
    if (end == 0 || (unit != "s" && unit != "ms") || !(ms / dt_ms >= 1) || !(ms / dt_ms < 1e15))
        throw InputError(
            fmt::format("--duration {}: a time of one tick ({} ms) or more is expected, "
                        "in s or ms, such as 1s or 250ms.",
                        duration, dt_ms));
    return std::llround(ms / dt_ms);
}

// One recording as the engine's input.
class RecordingStream final : public InputStream {
  public:
    RecordingStream(std::uint32_t population, const EventSet& set, std::size_t recording)
        : population_(population) {
        events_.assign(set.recording(recording), set.units, set.ticks);
    }
    std::uint32_t population() const override { return population_; }
    std::span<const std::uint32_t> at(std::int64_t tick) const override {
        return tick < events_.ticks() ? events_.at(static_cast<std::uint32_t>(tick))
                                      : std::span<const std::uint32_t>();
    }
    std::int64_t next_tick(std::int64_t tick) const override {
        for (std::int64_t t = tick + 1; t < events_.ticks(); ++t)
            if (!at(t).empty()) return t;
        return Wheel::never;
    }

  private:
    std::uint32_t population_;
    SampleEvents events_;
};

}  // namespace

void RunLength::add(Arguments& arguments) {
    arguments.option("--ticks", ticks, "length of the run (default: /input/ticks)", 1,
                     9'000'000'000'000'000);
    arguments.option("--duration", duration, "the same as a time: 1s, 250ms");
    arguments.exclude("--duration", "--ticks");
}

void add_sample(Arguments& arguments, std::uint64_t& sample, const char* doc) {
    arguments.option("--sample", sample, doc, 0, UINT32_MAX);
}

std::int64_t RunLength::ticks_of(const Experiment& experiment) const {
    if (!duration.empty()) return to_ticks(duration, experiment.network.dt_ms);
    const std::int64_t wanted = ticks ? ticks : experiment.ticks;
    if (wanted == 0)
        throw InputError(
            "The experiment has no \"input\"; say how long to run with --duration, such as 1s, or "
            "--ticks N.");
    return wanted;
}

std::unique_ptr<InputStream> open_recording(const Options& options, std::uint64_t sample,
                                            Experiment& experiment) {
    if (!experiment.input) return nullptr;
    experiment.training.reset();  // only the test split is asked for
    const InputData data = load_data(experiment, options.data);
    if (sample >= data.test.size())
        throw InputError(fmt::format("--sample {}: the test split has the recordings 0 to {}.",
                                     sample, static_cast<std::int64_t>(data.test.size()) - 1));
    return std::make_unique<RecordingStream>(*experiment.input, data.test, sample);
}

}  // namespace synfire::cli
