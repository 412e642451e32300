// The gradients of everything that learns, summed over samples that are presented one after the
// other, and what rules write them through.
#pragma once

#include <array>
#include <memory>
#include <vector>

#include "kernels/dense_gradient.hpp"
#include "learning/gradient_arrays.hpp"
#include "learning/rule_site.hpp"
#include "network/network.hpp"
#include "profile/counters.hpp"
#include "profile/profile.hpp"
#include "synfire/abi.h"

namespace synfire {

class Gradients {
  public:
    Gradients(const Network& network, const std::vector<RuleSite>& sites);
    Gradients(const Gradients&) = delete;
    Gradients& operator=(const Gradients&) = delete;

    // By projection; where a rule writes weights, what it has changed in them. Complete once
    // nothing is pending (flush).
    GradientArrays& arrays() { return arrays_; }
    // Gradients count from 0 again, whatever the arrays hold. Nothing may be pending.
    void begin();
    // Adds pending rows.
    void flush();

    // What a rule at a site is given, with its state for one sample.
    synfire_rule_context context(std::size_t site, void* const* state);

    // Whom to tell what time is spent on; null: nobody.
    void set_profile(Profile* profile) { profile_ = profile; }
    // Multiply-accumulates of learning.
    Counters& counters() { return counters_; }
    // Of the arrays and the pending rows, whatever the rule.
    std::size_t bytes() const;

  private:
    // First argument of the rule's primitives.
    struct Target {
        struct Member {
            const Projection& projection;
            ProjectionGradient& gradient;
            // At a site by sign: the gradient as if no weight, and as if every one, were below 0.
            std::array<Matrix, 2> sides;
        };
        Gradients& all;
        std::uint32_t population;
        std::vector<Member> members;
        std::vector<DenseGradient> dense;  // of members that have a row per source
        GradientRows pending;
        bool by_sign;
        bool anew = false;            // dense arrays hold what is to be replaced, not added to
        std::uint32_t zero_rows = 0;  // listed last, one after the other; once too many, no more

        void flush();
        std::uint64_t add_sides();
        void choose_sides();
    };
    static const synfire_rule_primitives primitives_;
    static void add_row(void* target, const std::uint32_t* sources, std::uint32_t count,
                        const float* row);
    static void add_outer(void* target, const float* scale, const float* row);
    static void add_bias(void* target, const float* post);
    static float* new_row(void* target);
    static void add_counted_row(void* target, const std::uint32_t* sources, std::uint32_t count,
                                const float* row);
    static void add_outer_of_counts(void* target, const float* row);

    const Network& network_;
    GradientArrays arrays_;
    std::vector<std::unique_ptr<Target>> targets_;  // by site
    Counters counters_;
    Profile* profile_ = nullptr;
};

}  // namespace synfire
