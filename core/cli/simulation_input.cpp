#include "cli/simulation_input.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cmath>

#include "base/note.hpp"
#include "base/ticks.hpp"

namespace synfire::cli {
namespace {

// A time as it was written: "1s", "250ms", "0.5 s" or "40us".
struct Time {
    double value, in_ms;  // in_ms: what one of its units is
    std::string unit;
    double ms() const { return in_ms < 1 ? value / 1000 : value * in_ms; }
};

std::optional<Time> read_time(std::string text) {
    std::erase(text, ' ');
    Time time{};
    const char* const end = text.data() + text.size();
    const auto read = std::from_chars(text.data() + text.starts_with('+'), end, time.value);
    if (read.ec != std::errc() || !std::isfinite(time.value)) return std::nullopt;
    time.unit.assign(read.ptr, end);
    if (time.unit == "s")
        time.in_ms = 1000;
    else if (time.unit == "ms")
        time.in_ms = 1;
    else if (time.unit == "us")
        time.in_ms = 0.001;
    else
        return std::nullopt;
    return time;
}

// The time of so many ticks in the unit of `like`, in the digits that a reader would write.
std::string time_text(double ticks, double dt_ms, const Time& like) {
    return fmt::format("{:.12g}{}", ticks * dt_ms / like.in_ms, like.unit);
}

// --duration in ticks, of which it has to be a whole number. Throws InputError.
std::int64_t to_ticks(const std::string& duration, double dt_ms) {
    const auto time = read_time(duration);
    const double ticks = time ? time->ms() / dt_ms : 0;
    if (const auto whole = time ? whole_ticks(time->ms(), dt_ms) : std::nullopt;
        whole && *whole >= 1)
        return *whole;
    if (ticks > most_ticks_of_a_time)
        throw InputError(
            fmt::format("--duration {}: {:.3g} ticks of {} ms are too many; at most "
                        "{:.3g} are allowed.",
                        duration.substr(0, 40), ticks, dt_ms, most_ticks_of_a_time));
    if (!time || ticks < 1)
        throw InputError(
            fmt::format("--duration {}: a time of one tick ({} ms) or more is expected, in s, ms "
                        "or us, such as 1s or 250ms.",
                        duration.substr(0, 40), dt_ms));
    throw InputError(
        fmt::format("--duration {}: {:.6g} ticks of {} ms are no whole number; {} or {} would be.",
                    duration, ticks, dt_ms, time_text(std::floor(ticks), dt_ms, *time),
                    time_text(std::ceil(ticks), dt_ms, *time)));
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
    arguments.option("--duration", duration,
                     "the same as a time, a whole number of ticks: 1s, 250ms, 40us");
    arguments.exclude("--duration", "--ticks");
}

void add_sample(Arguments& arguments, std::optional<std::uint64_t>& sample, const char* doc) {
    arguments.option("--sample", sample, doc, 0, 9'000'000'000'000'000);
}

std::int64_t RunLength::ticks_of(const Experiment& experiment) const {
    if (!duration.empty()) return to_ticks(duration, experiment.network.dt_ms);
    const std::int64_t wanted = ticks.value_or(experiment.ticks);
    if (wanted == 0)
        throw InputError(
            "The experiment has no \"input\"; say how long to run with --duration, such as 1s, or "
            "--ticks N.");
    return wanted;
}

OpenedRecording open_recording(const Options& options, std::optional<std::uint64_t> sample,
                               Experiment& experiment) {
    if (!experiment.input) {
        if (sample)
            throw InputError(fmt::format(
                "--sample {}: the experiment has no \"input\", and so no recordings.", *sample));
        return {nullptr, nlohmann::json::object()};
    }
    experiment.training.reset();  // only the test split is asked for
    const InputData data = load_data(experiment, options.data);
    const std::uint64_t wanted = sample.value_or(0);
    if (data.test.size() == 0)
        throw InputError("The test split has no recordings, of which one is to be presented.");
    if (wanted >= data.test.size())
        throw InputError(fmt::format("--sample {}: the test split has the recordings 0 to {}.",
                                     wanted, data.test.size() - 1));
    if (data.test.recording(wanted).empty())
        note(
            fmt::format("note: recording {} of the test split has no event left in the ticks of "
                        "the experiment",
                        wanted));
    return {std::make_unique<RecordingStream>(*experiment.input, data.test, wanted),
            input_json(data)};
}

}  // namespace synfire::cli
