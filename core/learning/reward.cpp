#include "learning/reward.hpp"

#include "json/form.hpp"

namespace synfire {

Form reward_form() {
    const Reward d;
    Form form;
    form.fields = {
        real("right", "released where the answer is right").otherwise(d.right).single(),
        real("wrong", "released where it is wrong").otherwise(d.wrong).single(),
        integer("mean_over",
                "takes off what is released the running mean of earlier rewards, over about so "
                "many samples, at first 0; with \"batch\" above 1, that before the batch. Nothing "
                "is taken off if absent")
            .between(1, 1e9),
    };
    return form;
}

Reward read_reward(const nlohmann::json& completed) {
    Reward reward;
    reward.right = completed.at("right");
    reward.wrong = completed.at("wrong");
    reward.mean_over = completed.value("mean_over", std::uint32_t{0});
    return reward;
}

}  // namespace synfire
