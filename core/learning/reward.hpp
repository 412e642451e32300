// What the end of a training sample releases to rules with the modulator 'reward': one amount where
// the answer is right, another where it is wrong and, if asked for, less what was to be expected,
// the running mean of these. A rule whose weights change by eligibility times reward follows the
// covariance of the two, and so what is rewarded, only as far as the mean reward is taken off
// (Frémaux, Sprekeler and Gerstner 2010, "Functional requirements for reward-modulated
// spike-timing-dependent plasticity", J. Neurosci. 30(40), 13326-13337).
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>

namespace synfire {

struct Form;

struct Reward {
    float right = 1, wrong = -1;
    std::uint32_t mean_over = 0;  // samples; 0: nothing is taken off

    float of(bool answer_is_right) const { return answer_is_right ? right : wrong; }
    // What is to be expected after another sample; at first 0.
    double expected(double before, bool answer_is_right) const {
        if (mean_over == 0) return 0;
        return before + (double{of(answer_is_right)} - before) / mean_over;
    }
};

Form reward_form();
Reward read_reward(const nlohmann::json& completed);

}  // namespace synfire
