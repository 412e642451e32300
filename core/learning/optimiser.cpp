#include "learning/optimiser.hpp"

#include <cmath>
#include <numbers>

#include "json/form.hpp"
#include "synfire/simd.hpp"

namespace synfire {

float OptimiserDescription::rate_at(std::uint64_t step, std::uint64_t steps) const {
    if (schedule == Schedule::constant || steps == 0) return rate;
    const double done = static_cast<double>(step) / static_cast<double>(steps);
    return static_cast<float>(rate * 0.5 * (1.0 + std::cos(std::numbers::pi * done)));
}

Form optimiser_form() {
    Form form;
    form.tag = "type";
    form.variants = {
        {"adam",
         {real("beta1", "decay of the mean of gradients")
              .otherwise(0.9)
              .at_least(0)
              .below(1)
              .single(),
          real("beta2", "decay of the mean of squared gradients")
              .otherwise(0.999)
              .at_least(0)
              .below(1)
              .single(),
          real("epsilon", "added to the root of the mean square")
              .otherwise(1e-8)
              .above(0)
              .single()}},
        {"sgd",
         {real("momentum", "part of the last step kept")
              .otherwise(0.0)
              .at_least(0)
              .below(1)
              .single()}},
    };
    form.fields = {
        choice("type", {"adam", "sgd"}, "how weights follow their gradients").otherwise("adam"),
        real("rate", "learning rate").otherwise(1e-3).above(0).single(),
        real("weight_decay", "pull of every weight towards 0").otherwise(0.0).at_least(0).single(),
        choice("schedule", {"constant", "cosine"},
               "whether the rate stays, or falls to 0 along half a cosine by the last epoch")
            .otherwise("constant"),
    };
    return form;
}

OptimiserDescription read_optimiser(const nlohmann::json& json) {
    OptimiserDescription d;
    d.rate = json.at("rate");
    d.weight_decay = json.at("weight_decay");
    if (json.at("schedule") == "cosine") d.schedule = OptimiserDescription::Schedule::cosine;
    if (json.at("type") == "sgd") {
        d.kind = OptimiserDescription::Kind::sgd;
        d.momentum = json.at("momentum");
    } else {
        d.beta1 = json.at("beta1");
        d.beta2 = json.at("beta2");
        d.epsilon = json.at("epsilon");
    }
    return d;
}

namespace {

struct Pointers {
    float* __restrict value, * __restrict first, * __restrict second;
    const float* __restrict gradient;
};

// `o` is a copy: a reference would have to be read again after every weight.
SYNFIRE_INLINE void descend_adam(const OptimiserDescription o, float rate, std::uint64_t step,
                                 const Pointers& p, std::size_t begin, std::size_t end) {
    const double correction1 =
        1.0 - std::pow(static_cast<double>(o.beta1), static_cast<double>(step));
    const double correction2 =
        1.0 - std::pow(static_cast<double>(o.beta2), static_cast<double>(step));
    const auto length = static_cast<float>(rate / correction1);
    const auto root = static_cast<float>(std::sqrt(correction2));
    for (std::size_t i = begin; i < end; ++i) {
        const float g = p.gradient[i] + o.weight_decay * p.value[i];
        const float m = o.beta1 * p.first[i] + (1.0f - o.beta1) * g;
        const float v = o.beta2 * p.second[i] + (1.0f - o.beta2) * (g * g);
        p.first[i] = m;
        p.second[i] = v;
        p.value[i] -= length * (m / (std::sqrt(v) / root + o.epsilon));
    }
}

SYNFIRE_INLINE void descend_sgd(const OptimiserDescription o, float rate, const Pointers& p,
                                std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
        const float g = p.gradient[i] + o.weight_decay * p.value[i];
        p.first[i] = o.momentum * p.first[i] + g;
        p.value[i] -= rate * p.first[i];
    }
}

}  // namespace

void descend(const OptimiserDescription& optimiser, float rate, std::uint64_t step, Matrix& value,
             const Matrix& gradient, Moments& moments, std::size_t begin, std::size_t end) {
    const Pointers p{value.data.data(), moments.first.data.data(), moments.second.data.data(),
                     gradient.data.data()};
    const bool adam = optimiser.kind == OptimiserDescription::Kind::adam;
    simd::run([&]() SYNFIRE_INLINE_LAMBDA {
        if (adam)
            descend_adam(optimiser, rate, step, p, begin, end);
        else
            descend_sgd(optimiser, rate, p, begin, end);
    });
}

}  // namespace synfire
