#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>

#include "conformance/cells.hpp"
#include "conformance/exercise.hpp"
#include "conformance/threads.hpp"

namespace synfire::conformance {

void check_time(Subject& subject);  // time_check.cpp

void exercise_neuron(Subject& subject, const Instance& instance, const Values& values) {
    for (const double scale : {1.0, 100.0}) {
        Cells cells(subject, values, 33);
        for (std::int64_t t = 0; t < 4; ++t) {
            cells.drive(t, scale);
            cells.advance(instance, t);
        }
    }
}

namespace {

constexpr std::int64_t run_ticks = 120;

void require_same_run(const Transcript& a, const Transcript& b, const char* what) {
    if (const auto difference = a.difference(b))
        throw Fault(fmt::format("{}: {} is not the same", what, *difference));
}

void check_reset(Subject& subject) {
    const Values values = subject.defaults();
    const double scale = scale_of(subject, values);
    Cells cells(subject, values, 100);
    const Instance used = subject.create(values);
    const Transcript first = run(cells, used, run_ticks, scale);
    run(cells, used, 37, scale / 2);
    cells.reset();
    require_same_run(first, run(cells, used, run_ticks, scale),
                     "an instance that has been used gives other results from the same state");
    cells.reset();
    const Instance fresh = subject.create(values);
    require_same_run(first, run(cells, fresh, run_ticks, scale),
                     "a second instance with the same parameters gives other results");
}

// Parts begin where the host begins them: at a multiple of 64.
void check_slices(Subject& subject) {
    const Values values = subject.defaults();
    const double scale = scale_of(subject, values);
    const Instance instance = subject.create(values);
    constexpr std::uint32_t count = 700;
    Cells whole(subject, values, count), parts(subject, values, count);
    for (std::int64_t t = 0; t < run_ticks; ++t) {
        Transcript a, b;
        whole.drive(t, scale);
        whole.advance(instance, t);
        parts.drive(t, scale);
        Random random = random_of(2, static_cast<std::uint32_t>(t));
        for (std::uint32_t begin = 0; begin < count;) {
            const std::uint32_t length = std::min(count - begin, 64 * (1 + random.below(5)));
            parts.advance(instance, t, Cells::Part{begin, length});
            begin += length;
        }
        const std::string when = fmt::format("after tick {}", t);
        for (auto [cells, to] : {std::pair(&whole, &a), std::pair(&parts, &b)}) {
            to->add("spikes " + when, cells->fired().data(), count);
            to->add(when, cells->state());
            to->add("psi " + when, cells->psi_data(), count * sizeof(float));
        }
        require_same_run(a, b, "a slice gives other results than its parts");
    }
}

void check_bounds(Subject& subject) {
    const Values values = subject.defaults();
    const Instance instance = subject.create(values);
    const double scale = scale_of(subject, values);
    for (const std::uint32_t count : {1u, 3u, 16u, 37u, 64u, 256u, 257u, 320u}) {
        Cells cells(subject, values, count);
        for (std::int64_t t = 0; t < 20; ++t) {
            cells.drive(t, scale);
            cells.advance(instance, t, t % 2 == 0);
        }
    }
}

void check_finite(Subject& subject) {
    for (const Values& values : subject.near_defaults(8)) {
        const Instance instance = subject.create(values);
        const double scale = scale_of(subject, values);
        for (const double size : {scale, 3 * scale}) try {
                Cells cells(subject, values, 64);
                for (std::int64_t t = 0; t < 200; ++t) {
                    cells.drive(t, size);
                    cells.advance(instance, t);
                    cells.state().require_finite(
                        fmt::format("after {} ticks of input of a size of {:.3g}, with {}", t + 1,
                                    size, subject.words_of(values)));
                }
            } catch (const Refused&) {
                // Words are as good as a number.
            }
    }
}

void check_psi(Subject& subject) {
    if (!(subject.neuron().flags & SYNFIRE_NEURON_PSI)) throw NotAsked("it has no Psi");
    for (const Values& values : subject.near_defaults(8)) {
        const Instance instance = subject.create(values);
        const double scale = scale_of(subject, values);
        Cells with(subject, values, 64), without(subject, values, 64);
        for (std::int64_t t = 0; t < run_ticks; ++t) {
            // Now and then far beyond what is usual.
            const double size = t % 10 == 9 ? 1e3 * scale : scale;
            with.drive(t, size);
            with.advance(instance, t);
            without.drive(t, size);
            without.advance(instance, t, false);
            for (std::uint32_t i = 0; i < with.count(); ++i)
                if (!std::isfinite(with.psi(i)))
                    throw Fault(
                        fmt::format("its Psi is {} (or is not set) at an input of {:.3g}, with {}",
                                    with.psi(i), with.input_of(i), subject.words_of(values)));
            Transcript a, b;
            for (auto [cells, to] : {std::pair(&with, &a), std::pair(&without, &b)}) {
                to->add("the spikes", cells->fired().data(), cells->count());
                to->add(fmt::format("at tick {}", t), cells->state());
            }
            require_same_run(a, b, "asking for Psi changes what happens");
        }
    }
}

// Each thread has input of its own.
void check_threads(Subject& subject) {
    constexpr std::size_t threads = 4;
    const Values values = subject.defaults();
    const double scale = scale_of(subject, values);
    const Instance instance = subject.create(values);
    std::vector<std::unique_ptr<Cells>> cells;
    for (std::size_t k = 0; k < threads; ++k)
        cells.push_back(std::make_unique<Cells>(subject, values, 256));
    const auto run_of = [&](std::size_t k) {
        cells[k]->reset();
        return run(*cells[k], instance, run_ticks, scale, static_cast<std::int64_t>(1000 * k));
    };
    std::array<Transcript, threads> alone, together;
    for (std::size_t k = 0; k < threads; ++k) alone[k] = run_of(k);
    for (int round = 0; round < 6; ++round) {
        at_once(threads, [&](std::size_t k) { together[k] = run_of(k); });
        for (std::size_t k = 0; k < threads; ++k)
            require_same_run(alone[k], together[k],
                             "several threads at once get other results than one alone");
    }
}

// Values for each neuron: the same as an instance for each.
void check_each(Subject& subject) {
    if (!subject.neuron().create_each) throw NotAsked("its parameters are those of a population");
    constexpr std::uint32_t count = 80;
    const std::vector<Values> kinds = subject.near_defaults(4);
    double scale = scale_of(subject, kinds.front());
    for (const Values& values : kinds) scale = std::min(scale, scale_of(subject, values) / 2);
    // Which columns there are is the same for all.
    auto same_columns = [&](const Values& values) {
        const synfire_description& d = subject.description();
        for (std::uint32_t v = 0; v < d.variable_count; ++v)
            if (const auto p = d.variables[v].count_parameter; p >= 0)
                if (const auto at = static_cast<std::size_t>(p); values[at] != kinds[0][at])
                    return false;
        return true;
    };
    std::vector<const Values*> of;
    for (std::uint32_t i = 0; i < count; ++i) {
        const Values& values = kinds[i % kinds.size()];
        of.push_back(same_columns(values) ? &values : &kinds[0]);
    }
    std::vector<std::vector<double>> by_parameter(subject.description().parameter_count);
    std::vector<const double*> pointers;
    for (std::size_t p = 0; p < by_parameter.size(); ++p) {
        for (const Values* values : of) by_parameter[p].push_back((*values)[p]);
        pointers.push_back(by_parameter[p].data());
    }
    void* made = nullptr;
    subject.require("create_each", within("create_each", [&] {
                        return subject.neuron().create_each(&subject.host(), pointers.data(), count,
                                                            Subject::dt_ms, &made);
                    }));
    const Instance each(subject, made);
    Cells mixed(subject, kinds[0], count);
    std::vector<Transcript> expected;
    for (std::int64_t t = 0; t < 60; ++t) {
        mixed.drive(t, scale);
        mixed.advance(each, t);
    }
    for (const Values& values : kinds) {
        if (!same_columns(values)) continue;
        const Instance instance = subject.create(values);
        Cells alike(subject, values, count);
        for (std::int64_t t = 0; t < 60; ++t) {
            alike.drive(t, scale);
            alike.advance(instance, t);
        }
        for (std::uint32_t i = 0; i < count; ++i)
            for (std::size_t v = 0; *of[i] == values && v < alike.state().count(); ++v)
                if (std::memcmp(alike.state().element(v, i), mixed.state().element(v, i),
                                alike.state().bytes_of(v)) != 0)
                    throw Fault(fmt::format(
                        "neuron {} of a population with values for each neuron has '{}' {}, and "
                        "with the same values for all {}",
                        i, alike.state().name(v), mixed.state().value(v, i),
                        alike.state().value(v, i)));
    }
}

constexpr std::array<Check, 8> checks_of_neurons = {{
    {"bounds", "it writes nowhere but into what it is handed to write", &check_bounds},
    {"reset", "results depend on parameters, state, input and tick alone", &check_reset},
    {"slices", "a slice and its parts give the same bits", &check_slices},
    {"each", "parameters neuron by neuron do what they do for a population", &check_each},
    {"threads", "several threads at once get the same bits", &check_threads},
    {"finite", "finite input leaves finite state", &check_finite},
    {"psi", "Psi is finite, and asking for it changes nothing", &check_psi},
    {"time", "the time of a neuron and tick, beside that of 'lif'", &check_time},
}};

}  // namespace

std::span<const Check> neuron_checks() {
    return checks_of_neurons;
}

}  // namespace synfire::conformance
