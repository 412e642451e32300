#include "cli/progress.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include "base/note.hpp"

namespace synfire::cli {

using Clock = std::chrono::steady_clock;

std::string duration_text(double seconds) {
    const auto s = static_cast<long>(seconds + 0.5);
    if (s >= 3600) return fmt::format("{} h {:02} min", s / 3600, s / 60 % 60);
    if (s >= 60) return fmt::format("{} min {:02} s", s / 60, s % 60);
    return fmt::format("{} s", s);
}

ProgressDisplay::ProgressDisplay() : terminal_(isatty(STDERR_FILENO)), last_(Clock::now()) {}

namespace {

std::string measured(const std::optional<double>& value) {
    return value ? fmt::format("{:.3f}", *value) : "-";
}

}  // namespace

std::string ProgressDisplay::line(const TrainingReport& r) const {
    std::string text = fmt::format("epoch {}/{}", r.epoch, r.epochs);
    if (!r.finished) text += fmt::format("  batch {}/{}", r.batch, r.batches);
    text += fmt::format("  {:.0f} samples/s  loss {}  train {}", r.samples_per_s,
                        measured(r.score.mean_loss()), measured(r.score.accuracy()));
    if (r.finished) text += fmt::format("  test {}", measured(r.finished->test_accuracy));
    return text + fmt::format("  left {}", duration_text(r.seconds_left));
}

void ProgressDisplay::show(const TrainingReport& report) {
    const auto now = Clock::now();
    const double quiet = std::chrono::duration<double>(now - last_).count();
    if (!report.finished && quiet < (terminal_ ? 0.2 : 30.0)) return;
    last_ = now;
    if (terminal_)
        show_raw(fmt::format("\r\033[K{}{}", line(report), report.finished ? "\n" : ""));
    else
        note(line(report));
}

ReadingDisplay::ReadingDisplay() : terminal_(isatty(STDERR_FILENO)), last_(Clock::now()) {}

void ReadingDisplay::show(std::uint64_t done, std::uint64_t of) {
    const auto now = Clock::now();
    const bool end = done == of && shown_;
    if (!end && std::chrono::duration<double>(now - last_).count() < (terminal_ ? 0.5 : 30.0))
        return;
    last_ = now;
    shown_ = done < of;
    const std::string line = fmt::format("reading recordings {}/{}", done, of);
    if (terminal_)
        show_raw(fmt::format("\r\033[K{}{}", line, done == of ? "\n" : ""));
    else
        note(line);
}

}  // namespace synfire::cli
