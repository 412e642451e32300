// Where the time of a run goes: spans of work, by stage and place, that nest. A span's own time is
// what its inner spans leave of it, so that shares add up to no more than the whole.
//
// Whoever does work holds a pointer to the Profile of its thread of work; without one a span costs
// a comparison. A place is a population or a projection, as the stage says (profile/stage.hpp).
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>
#if defined(__x86_64__)
#include <x86intrin.h>
#endif

#include "profile/stage.hpp"

namespace synfire {

// Time in units of its own, as cheap as the machine has it.
inline std::uint64_t profile_clock() {
#if defined(__x86_64__)
    return __rdtsc();
#else
    return static_cast<std::uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count());
#endif
}

// What a span did. bytes: of weights, states, sums and gradients that the algorithm reads and
// writes, wherever they lie.
struct Work {
    std::uint64_t events = 0, macs = 0, bytes = 0;

    Work& operator+=(const Work& other) {
        events += other.events;
        macs += other.macs;
        bytes += other.bytes;
        return *this;
    }
};

// One thread of work: a worker of training, a part of a network, or what the whole does between.
class Profile {
  public:
    struct Total {
        std::uint64_t clocks = 0, calls = 0;
        Work work;
    };
    struct TracedSpan {
        Stage stage;
        std::uint32_t place;
        std::uint64_t begin, end;
        std::uint64_t events;
    };
    struct TracedTick {
        std::uint64_t at;
        std::int64_t tick;
        std::uint64_t queue, spikes;  // deliveries under way; spikes of the tick
    };

    // traced: how many spans are kept one by one.
    explicit Profile(std::size_t traced) : most_traced_(traced) {}

    bool traces() const { return spans_.size() < most_traced_; }
    void count_tick(std::int64_t tick, std::uint64_t queue, std::uint64_t spikes) {
        if (traces()) ticks_.push_back({profile_clock(), tick, queue, spikes});
    }

    // By place; shorter where nothing happened further on.
    const std::vector<Total>& totals(Stage stage) const {
        return totals_[static_cast<std::size_t>(stage)];
    }
    const std::vector<TracedSpan>& spans() const { return spans_; }
    const std::vector<TracedTick>& ticks() const { return ticks_; }
    bool left_spans_out() const { return most_traced_ > 0 && !traces(); }

  private:
    friend class Span;
    std::array<std::vector<Total>, stage_count> totals_;
    std::uint64_t inside_ = 0;  // clocks of spans that ended inside the one under way
    std::size_t most_traced_;
    std::vector<TracedSpan> spans_;
    std::vector<TracedTick> ticks_;
};

class Span {
  public:
    Span(Profile* profile, Stage stage, std::uint32_t place)
        : profile_(profile), stage_(stage), place_(place) {
        if (profile_) begin();
    }
    ~Span() {
        if (profile_) end();
    }
    Span(const Span&) = delete;
    Span& operator=(const Span&) = delete;

    // Whether anybody wants to know what the span does.
    bool counts() const { return profile_ != nullptr; }
    void did(const Work& work) { work_ += work; }

  private:
    void begin();
    void end();

    Profile* profile_;
    Stage stage_;
    std::uint32_t place_;
    std::uint64_t begin_ = 0, outer_inside_ = 0;
    Work work_;
};

// The profiles of a run.
class Profiler {
  public:
    // workers: threads of work beside the main one. traced: spans kept in all.
    Profiler(std::size_t workers, std::size_t traced);

    Profile* main() { return &profiles_.front(); }
    Profile* worker(std::size_t i) { return &profiles_[i + 1]; }
    // The main one first.
    const std::deque<Profile>& profiles() const { return profiles_; }

    void start();
    void stop();
    double wall_s() const { return wall_s_; }
    // To be called after stop.
    double seconds(std::uint64_t clocks) const {
        return static_cast<double>(clocks) * seconds_per_clock_;
    }
    double since_start(std::uint64_t at) const { return seconds(at - start_clock_); }

  private:
    std::deque<Profile> profiles_;
    std::chrono::steady_clock::time_point start_;
    std::uint64_t start_clock_ = 0;
    double wall_s_ = 0, seconds_per_clock_ = 0;
};

}  // namespace synfire
