// How a training is doing, on standard error: one line that renews itself on a terminal, one plain
// line an epoch elsewhere (and one now and then inside a long epoch).
#pragma once

#include <chrono>
#include <string>

#include "learning/training_run.hpp"

namespace synfire::cli {

class ProgressDisplay {
  public:
    ProgressDisplay();
    void show(const TrainingReport& report);

  private:
    std::string line(const TrainingReport& report) const;

    bool terminal_;
    std::chrono::steady_clock::time_point last_;
};

// How far reading a split has come. Nothing where it takes no time worth mentioning.
class ReadingDisplay {
  public:
    ReadingDisplay();
    void show(std::uint64_t done, std::uint64_t of);

  private:
    bool terminal_;
    std::chrono::steady_clock::time_point last_;
    bool shown_ = false;
};

// "1 h 02 min", "3 min 05 s", "12 s"
std::string duration_text(double seconds);

}  // namespace synfire::cli
