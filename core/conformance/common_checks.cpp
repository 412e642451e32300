#include <dirent.h>
#include <fmt/format.h>
#include <malloc.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "conformance/exercise.hpp"
#include "conformance/library.hpp"
#include "conformance/subject.hpp"

namespace synfire::conformance {

void check_descriptors(Subject& subject);  // descriptor_checks.cpp

void exercise(Subject& subject, const Instance& instance, const Values& values) {
    switch (subject.table().index()) {
        case 0:
            return exercise_neuron(subject, instance, values);
        case 1:
            return subject.rule().flags & SYNFIRE_RULE_WRITES_WEIGHTS
                       ? exercise_weight_rule(subject, instance, values)
                       : exercise_gradient_rule(subject, instance, values);
        case 2:
            return exercise_release(subject, instance, values);
        default:
            return exercise_loss(subject, instance, values);
    }
}

namespace {

// A finding that depends on parameters says which.
template <class Body>
void with_values(const Subject& subject, const Values& values, Body&& body) {
    if (Scene::current()) Scene::current()->at(subject.words_of(values));
    try {
        body();
    } catch (const Fault& fault) {
        throw Fault(fmt::format("with {}, {}", subject.words_of(values), fault.what()));
    }
    if (Scene::current()) Scene::current()->at("");
}

void check_create(Subject& subject) {
    const Values values = subject.defaults();
    Instance first = subject.create(values);
    Instance second = subject.create(values);
    exercise(subject, first, values);
    first.destroy();
    exercise(subject, second, values);
    second.destroy();
}

constexpr int draws = 120;

// Every other set of values stands at the ends of the ranges. In most, one or two values differ
// from the defaults: models often refuse a combination.
Values drawn(const Subject& subject, int k) {
    Random random = random_of(1, static_cast<std::uint32_t>(k));
    Values values = k % 2 ? subject.anywhere(random) : subject.extreme(random);
    if (k % 6 < 2 || values.empty()) return values;
    const Values defaults = subject.defaults();
    const auto count = static_cast<std::uint32_t>(values.size());
    const std::uint32_t one = random.below(count), other = random.below(count);
    for (std::uint32_t p = 0; p < count; ++p)
        if (p != one && p != other) values[p] = defaults[p];
    return values;
}

void check_parameters(Subject& subject) {
    int accepted = 0;
    for (int k = 0; k < draws; ++k) {
        const Values values = drawn(subject, k);
        with_values(subject, values, [&] {
            auto instance = subject.try_create(values);
            if (!instance) return;
            ++accepted;
            try {
                exercise(subject, *instance, values);
            } catch (const Refused&) {
            }
            instance->destroy();
        });
    }
    subject.measure("accepted", accepted);
}

bool is_text(std::string_view words) {
    return std::ranges::none_of(words, [](unsigned char c) { return c < 0x20; }) &&
           std::ranges::any_of(words, [](char c) { return c != ' ' && c != '.'; });
}

void check_refusals(Subject& subject) {
    int refused = 0;
    for (int k = 0; k < draws; ++k) {
        const Values values = drawn(subject, k);
        with_values(subject, values, [&] {
            if (subject.try_create(values)) return;
            ++refused;
            if (!is_text(subject.refusal()))
                throw Fault("it is not created, and no reason is handed to the host's report");
        });
    }
    subject.create(subject.defaults());
    subject.measure("refused", refused);
}

void check_tables(Subject& subject) {
    const std::string before = tables_as_text(subject.file());
    const Values values = subject.defaults();
    {
        const Instance instance = subject.create(values);
        exercise(subject, instance, values);
    }
    if (tables_as_text(subject.file()) != before)
        throw Fault("its tables change while it is used, or when its entry is called again");
}

std::size_t entries_of(const char* folder) {
    std::size_t count = 0;
    if (DIR* const all = opendir(folder)) {
        while (readdir(all)) ++count;
        closedir(all);
    }
    return count;
}

struct Held {
    std::size_t bytes, files, threads;
};
Held held() {
    const auto info = mallinfo2();
    return {info.uordblks + info.hblkhd, entries_of("/proc/self/fd"),
            entries_of("/proc/self/task")};
}

void check_leaks(Subject& subject) {
    const Values values = subject.defaults();
    Values other = values;
    for (int k = 0; k < draws; ++k)
        if (const Values v = drawn(subject, k); !subject.try_create(v)) other = v;
    const Instance used = subject.create(values);
    auto live = [&](int times) {
        for (int k = 0; k < times; ++k) {
            subject.create(values).destroy();
            if (auto instance = subject.try_create(other)) instance->destroy();
        }
        for (int k = 0; k < times / 20; ++k) exercise(subject, used, values);
    };
    constexpr int times = 300;
    live(times / 5);  // what is made once, or kept for the next time, is there
    const Held before = held();
    live(times);
    const Held after = held();
    if (after.files > before.files) throw Fault("it leaves files open");
    if (after.threads > before.threads) throw Fault("it leaves threads running");
    // A little may be a coincidence of caches; a block each time is not.
    if (after.bytes > before.bytes + times / 25 * 16)
        throw Fault(fmt::format(
            "{} bytes stay behind when {} instances have been created, used and destroyed",
            after.bytes - before.bytes, 2 * times));
}

constexpr std::array<Check, 6> checks = {{
    {"descriptors",
     "its id, version, parameters and variables are described, with sound ranges, and defaults "
     "within them",
     &check_descriptors},
    {"create", "instances with the defaults can be created, used and destroyed", &check_create},
    {"parameters",
     "whatever its ranges allow is either refused or works, at their ends as between them",
     &check_parameters},
    {"refusals", "it refuses parameters in words", &check_refusals},
    {"tables", "its tables stay as they are", &check_tables},
    {"leaks", "instances leave nothing behind: no memory, open file or thread", &check_leaks},
}};

}  // namespace

std::span<const Check> common_checks() {
    return checks;
}

}  // namespace synfire::conformance
