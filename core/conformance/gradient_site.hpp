// A projection for a rule that writes a gradient: all of its sources lead to all of its targets.
// The primitives are those of synfire/abi.h, taken at their word: rows are read to the end of their
// padding, and a row of new_row is gone when the next call says so.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "conformance/columns.hpp"

namespace synfire::conformance {

class GradientSite {
  public:
    // sources: the numbers of those spikes of `course` that this site sees, numbered anew from 0.
    GradientSite(Subject& subject, const Values& values, std::vector<std::uint32_t> sources);

    // A sample of that many ticks, of which the second half has a learning signal; of a rule that
    // learns backward, all, from the last to the first. Which number the sample has: other spikes.
    void run(const Instance& instance, std::uint32_t ticks, std::uint32_t sample);
    // Once more what ends a window.
    void end_window(const Instance& instance);
    void clear();

    const std::vector<float>& gradient() const { return gradient_; }  // source by target
    const std::vector<float>& bias() const { return bias_; }
    const Columns& state() const { return state_; }
    void append_to(Transcript& transcript) const;
    void require_finite() const;

  private:
    void tick(const Instance& instance, std::uint32_t tick, std::uint32_t sample, bool learns);
    synfire_rule_context context();
    void after_call(const char* call, synfire_status status);

    // What the primitives do. The first thing that is wrong is kept and thrown after the call.
    void fault(std::string words);
    void take_row(const std::uint32_t* sources, std::uint32_t count, const float* row);
    bool readable(const float* row, const char* primitive);
    void expire();
    static void add_row(void* site, const std::uint32_t* sources, std::uint32_t count,
                        const float* row);
    static void add_outer(void* site, const float* scale, const float* row);
    static void add_bias(void* site, const float* row);
    static float* new_row(void* site);
    static void add_counted_row(void* site, const std::uint32_t* sources, std::uint32_t count,
                                const float* row);
    static void add_outer_of_counts(void* site, const float* row);

    Subject& subject_;
    std::vector<std::uint32_t> sources_;
    std::uint32_t pre_, post_;
    Columns state_;
    std::array<GuardedArray<float>, 2> rows_;  // of new_row, in turn
    GuardedArray<float>* open_row_ = nullptr;
    std::size_t turn_ = 0;
    GuardedArray<std::uint32_t> arrivals_;
    GuardedArray<float> psi_, signal_;
    synfire_rule_primitives primitives_;
    std::vector<float> gradient_, bias_, counts_;
    std::string fault_;
};

// The sources 0..count-1.
std::vector<std::uint32_t> sources_up_to(std::uint32_t count);

}  // namespace synfire::conformance
