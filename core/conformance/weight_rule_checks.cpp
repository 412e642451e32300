#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>

#include "conformance/exercise.hpp"
#include "conformance/plastic_synapses.hpp"
#include "conformance/threads.hpp"

namespace synfire::conformance {

using Plan = PlasticSynapses::Plan;

void exercise_weight_rule(Subject& subject, const Instance& instance, const Values&) {
    PlasticSynapses synapses(subject, instance);
    synapses.run({});
    within("memory", [&] { return subject.rule().memory(instance.get()); });
    if (subject.rule().weight_sum)
        within("weight_sum", [&] { return subject.rule().weight_sum(instance.get()); });
}

namespace {

template <class Body>
void with_each(Subject& subject, Body&& body) {
    for (const Values& values : subject.near_defaults(6)) try {
            const Instance instance = subject.create(values);
            PlasticSynapses synapses(subject, instance);
            body(instance, synapses);
        } catch (const Fault& fault) {
            throw Fault(fmt::format("{} (with {})", fault.what(), subject.words_of(values)));
        }
}

Transcript outcome(PlasticSynapses& synapses, const Plan& plan) {
    Transcript transcript;
    synapses.run(plan);
    synapses.append_to(transcript);
    return transcript;
}

void require_same_weights(const Transcript& a, const Transcript& b, const char* what) {
    if (const auto difference = a.difference(b))
        throw Fault(fmt::format("{}: {} is not the same", what, *difference));
}

void check_row_bounds(Subject& subject) {
    with_each(subject, [&](const Instance&, PlasticSynapses& synapses) {
        for (const std::uint32_t split : {PlasticSynapses::count, 1u, 16u, 36u})
            synapses.run({.sample = split, .split = split});
    });
}

void check_row_reset(Subject& subject) {
    const Values values = subject.defaults();
    const Instance used = subject.create(values), fresh = subject.create(values);
    PlasticSynapses synapses(subject, used), others(subject, fresh);
    const Transcript first = outcome(synapses, {});
    synapses.run({.sample = 2});
    require_same_weights(first, outcome(synapses, {}),
                         "an instance that has been used gives other results from the same state");
    require_same_weights(first, outcome(others, {}),
                         "a second instance with the same parameters gives other results");
}

void check_row_parts(Subject& subject) {
    with_each(subject, [&](const Instance&, PlasticSynapses& synapses) {
        const Transcript whole = outcome(synapses, {});
        for (const std::uint32_t split : {1u, 16u, 20u})
            require_same_weights(whole, outcome(synapses, {.split = split}),
                                 "a row gives other results than its parts");
    });
}

void check_row_stretches(Subject& subject) {
    with_each(subject, [&](const Instance&, PlasticSynapses& synapses) {
        for (const std::int32_t between : {1, 5, 37}) {
            std::vector<float> whole, stretches;
            synapses.run({});
            for (std::uint32_t k = 0; k < PlasticSynapses::count; ++k)
                whole.push_back(synapses.weight(k));
            synapses.run({.between = between});
            for (std::uint32_t k = 0; k < PlasticSynapses::count; ++k) {
                const float w = synapses.weight(k), before = synapses.initial()[k];
                const float size = std::max({std::fabs(whole[k]), std::fabs(w), std::fabs(before)});
                if (std::fabs(w - whole[k]) <= 2e-4f * size + 1e-6f) continue;
                throw Fault(fmt::format(
                    "a weight becomes {} where it is brought up to date every {} ticks as well, "
                    "and {} where that is done at the source's spikes alone",
                    w, between, whole[k]));
            }
        }
    });
}

void check_row_finite(Subject& subject) {
    with_each(subject, [&](const Instance& instance, PlasticSynapses& synapses) {
        for (std::uint32_t sample = 1; sample < 5; ++sample) {
            synapses.run({.sample = sample});
            synapses.require_finite();
        }
        if (subject.rule().flags & SYNFIRE_RULE_NEEDS_MODULATOR) {
            synapses.run({.far = 1 << 30});
            synapses.require_finite();
        }
        if (subject.rule().weight_sum)
            if (const double sum = subject.rule().weight_sum(instance.get());
                !(std::isfinite(sum) && sum >= 0))
                throw Fault(fmt::format("'weight_sum' answers {}", sum));
    });
}

void check_weight_range(Subject& subject) {
    with_each(subject, [&](const Instance&, PlasticSynapses& synapses) {
        for (std::uint32_t sample = 1; sample < 5; ++sample) {
            synapses.run({.sample = sample});
            synapses.require_range();
        }
    });
}

void check_sign(Subject& subject) {
    if (!(subject.rule().flags & SYNFIRE_RULE_KEEPS_SIGN))
        throw NotAsked("it does not say that weights keep their sign");
    with_each(subject, [&](const Instance&, PlasticSynapses& synapses) {
        for (std::uint32_t sample = 1; sample < 5; ++sample) {
            synapses.run({.sample = sample});
            for (std::uint32_t k = 0; k < PlasticSynapses::count; ++k)
                if (const float from = synapses.initial()[k], to = synapses.weight(k);
                    from * to < 0)
                    throw Fault(fmt::format("a weight passes 0, from {} to {}", from, to));
        }
    });
}

void check_idle(Subject& subject) {
    if (!(subject.rule().flags & SYNFIRE_RULE_IDLE_WITHOUT_TARGET))
        throw NotAsked("it does not say that synapses wait for their target's first spike");
    with_each(subject, [&](const Instance&, PlasticSynapses& synapses) {
        synapses.run({.targets_fire = false});
        for (std::uint32_t k = 0; k < PlasticSynapses::count; ++k)
            if (synapses.weight(k) != synapses.initial()[k])
                throw Fault(
                    fmt::format("a weight whose target has never fired changes from {} to {}",
                                synapses.initial()[k], synapses.weight(k)));
    });
}

void check_row_threads(Subject& subject) {
    constexpr std::size_t threads = 4;
    const Instance instance = subject.create(subject.defaults());
    std::vector<std::unique_ptr<PlasticSynapses>> all;
    for (std::size_t k = 0; k < threads; ++k)
        all.push_back(std::make_unique<PlasticSynapses>(subject, instance));
    const auto outcome_of = [&](std::size_t k) {
        const Plan plan{.sample = static_cast<std::uint32_t>(k + 1), .between = 1};
        for (int again = 0; again < 3; ++again) all[k]->run(plan);
        return outcome(*all[k], plan);
    };
    std::array<Transcript, threads> alone, together;
    for (std::size_t k = 0; k < threads; ++k) alone[k] = outcome_of(k);
    at_once(threads, [&](std::size_t k) { together[k] = outcome_of(k); });
    for (std::size_t k = 0; k < threads; ++k)
        require_same_weights(alone[k], together[k],
                             "several threads at once get other results than one alone");
}

constexpr std::array<Check, 9> checks_of_weight_rules = {{
    {"bounds", "it writes nowhere but into weights and its state", &check_row_bounds},
    {"reset", "results depend on parameters, state and what it is shown alone", &check_row_reset},
    {"parts", "a row and its parts give the same bits", &check_row_parts},
    {"stretches", "a stretch gone through at once or in several gives the same",
     &check_row_stretches},
    {"finite", "weights and state stay finite", &check_row_finite},
    {"range", "weights stay in the range that it says", &check_weight_range},
    {"sign", "weights keep their sign", &check_sign},
    {"idle", "synapses wait for their target's first spike", &check_idle},
    {"threads", "several threads at once get the same bits", &check_row_threads},
}};

}  // namespace

std::span<const Check> weight_rule_checks() {
    return checks_of_weight_rules;
}

}  // namespace synfire::conformance
