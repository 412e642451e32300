#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>

#include "conformance/exercise.hpp"
#include "conformance/gradient_site.hpp"
#include "conformance/threads.hpp"

namespace synfire::conformance {

void exercise_gradient_rule(Subject& subject, const Instance& instance, const Values& values) {
    GradientSite site(subject, values, sources_up_to(Subject::pre_count));
    site.run(instance, 6, 1);
}

namespace {

constexpr std::uint32_t sample_ticks = 60;

// In front of neurons that spike, and in front of a readout where the rule allows it.
template <class Body>
void at_each_site(Subject& subject, Body&& body) {
    for (const bool readout : {false, true}) {
        if (readout && subject.rule().flags & SYNFIRE_RULE_NEEDS_TARGET_SPIKES) continue;
        subject.stand_before_readout(readout);
        try {
            body();
        } catch (const Fault& fault) {
            throw Fault(fmt::format("{} ({})", fault.what(),
                                    readout ? "in front of a readout" : "in front of neurons"));
        }
    }
    subject.stand_before_readout(false);
}

void require_same_site(const Transcript& a, const Transcript& b, const char* what) {
    if (const auto difference = a.difference(b))
        throw Fault(fmt::format("{}: {} is not the same", what, *difference));
}

void check_site(Subject& subject) {
    at_each_site(subject, [&] {
        const Values values = subject.defaults();
        const Instance instance = subject.create(values);
        GradientSite site(subject, values, sources_up_to(Subject::pre_count));
        for (std::uint32_t sample = 1; sample < 6; ++sample) {
            site.clear();
            site.run(instance, 10 * sample, sample);
        }
    });
}

void check_site_reset(Subject& subject) {
    at_each_site(subject, [&] {
        const Values values = subject.defaults();
        GradientSite site(subject, values, sources_up_to(Subject::pre_count));
        const auto once = [&](const Instance& instance) {
            Transcript transcript;
            site.clear();
            site.run(instance, sample_ticks, 1);
            site.append_to(transcript);
            return transcript;
        };
        const Instance used = subject.create(values), fresh = subject.create(values);
        const Transcript first = once(used);
        site.run(used, sample_ticks + 3, 2);
        require_same_site(first, once(used),
                          "an instance that has been used gives other results from the same state");
        require_same_site(first, once(fresh),
                          "a second instance with the same parameters gives other results");
    });
}

// At the ends of ranges that have two, and near the defaults.
void check_site_finite(Subject& subject) {
    const synfire_description& d = subject.description();
    std::vector<Values> all = subject.near_defaults(8);
    for (std::uint32_t p = 0; p < d.parameter_count; ++p)
        for (const double end : {d.parameters[p].min, d.parameters[p].max})
            if (std::isfinite(d.parameters[p].min) && std::isfinite(d.parameters[p].max) &&
                d.parameters[p].flags == 0 && d.parameters[p].type == SYNFIRE_REAL) {
                all.push_back(subject.defaults());
                all.back()[p] = end;
            }
    at_each_site(subject, [&] {
        for (const Values& values : all) {
            const auto instance = subject.try_create(values);
            if (!instance) continue;
            GradientSite site(subject, values, sources_up_to(Subject::pre_count));
            site.run(*instance, 2 * sample_ticks, 3);
            try {
                site.require_finite();
            } catch (const Fault& fault) {
                throw Fault(fmt::format("with {}, {}", subject.words_of(values), fault.what()));
            }
        }
    });
}

void check_site_threads(Subject& subject) {
    constexpr std::size_t threads = 4;
    const Values values = subject.defaults();
    const Instance instance = subject.create(values);
    std::vector<std::unique_ptr<GradientSite>> sites;
    for (std::size_t k = 0; k < threads; ++k)
        sites.push_back(
            std::make_unique<GradientSite>(subject, values, sources_up_to(Subject::pre_count)));
    const auto sample_of = [&](std::size_t k) {
        for (int again = 0; again < 5; ++again) {
            sites[k]->clear();
            sites[k]->run(instance, 3 * sample_ticks, static_cast<std::uint32_t>(k));
        }
        Transcript transcript;
        sites[k]->append_to(transcript);
        return transcript;
    };
    std::array<Transcript, threads> alone, together;
    for (std::size_t k = 0; k < threads; ++k) alone[k] = sample_of(k);
    at_once(threads, [&](std::size_t k) { together[k] = sample_of(k); });
    for (std::size_t k = 0; k < threads; ++k)
        require_same_site(alone[k], together[k],
                          "several threads at once get other results than one alone");
}

void check_window_end(Subject& subject) {
    at_each_site(subject, [&] {
        const Values values = subject.defaults();
        const Instance instance = subject.create(values);
        GradientSite site(subject, values, sources_up_to(Subject::pre_count));
        site.run(instance, sample_ticks, 5);
        const std::vector<float> first = site.gradient(), first_bias = site.bias();
        site.end_window(instance);
        if (site.gradient() != first || site.bias() != first_bias)
            throw Fault("'on_window_end' writes again what it has written already");
    });
}

// What comes of a source does not depend on which others the site has.
void check_joins(Subject& subject) {
    if (!(subject.rule().flags & SYNFIRE_RULE_JOINS))
        throw NotAsked("it does not say that it may see several projections as one");
    at_each_site(subject, [&] {
        const Values values = subject.defaults();
        const auto gradient_of = [&](std::uint32_t from, std::uint32_t to) {
            std::vector<std::uint32_t> sources;
            for (std::uint32_t j = from; j < to; ++j) sources.push_back(j);
            subject.set_pre_count(to - from);
            const Instance instance = subject.create(values);
            GradientSite site(subject, values, sources);
            site.run(instance, sample_ticks, 6);
            subject.set_pre_count(Subject::pre_count);
            return site.gradient();
        };
        constexpr std::uint32_t middle = 9;
        const std::vector<float> joined = gradient_of(0, Subject::pre_count);
        std::vector<float> apart = gradient_of(0, middle);
        const std::vector<float> rest = gradient_of(middle, Subject::pre_count);
        apart.insert(apart.end(), rest.begin(), rest.end());
        float most = 0;
        for (const float g : joined) most = std::max(most, std::fabs(g));
        for (std::size_t k = 0; k < joined.size(); ++k)
            if (!(std::fabs(joined[k] - apart[k]) <= 1e-4f * most))
                throw Fault(fmt::format(
                    "what it adds for source {} depends on which other sources there are: {} with "
                    "all, {} with some",
                    k / Subject::post_count, joined[k], apart[k]));
    });
}

constexpr std::array<Check, 6> checks_of_gradient_rules = {{
    {"bounds", "it writes nowhere but into its state, and hands over whole rows", &check_site},
    {"reset", "results depend on parameters, state and what it is shown alone", &check_site_reset},
    {"finite", "finite signals give a finite gradient", &check_site_finite},
    {"window-end", "what was held back is written once", &check_window_end},
    {"joins", "what it adds for a source does not depend on others", &check_joins},
    {"threads", "several threads at once get the same bits", &check_site_threads},
}};

}  // namespace

std::span<const Check> gradient_rule_checks() {
    return checks_of_gradient_rules;
}

}  // namespace synfire::conformance
