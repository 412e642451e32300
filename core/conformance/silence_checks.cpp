// What a neuron with a closed form promises: that it may be left alone while nothing reaches it.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "conformance/cells.hpp"

namespace synfire::conformance {
namespace {

constexpr std::uint32_t lazy_count = 128;

void require_lazy(const Subject& subject, const Instance& instance) {
    const synfire_neuron& neuron = subject.neuron();
    if (!neuron.decay || !neuron.fires_alone) throw NotAsked("it has no closed form");
    if (neuron.fires_alone(instance.get()) > SYNFIRE_ALONE_ALWAYS)
        throw Fault(fmt::format("'fires_alone' answers {}, which means nothing",
                                neuron.fires_alone(instance.get())));
    if (neuron.fires_alone(instance.get()) != SYNFIRE_ALONE_NEVER && !neuron.silent_ticks)
        throw NotAsked("it does not say for how long it stays silent");
}

std::vector<std::uint32_t> all_of(std::uint32_t count) {
    std::vector<std::uint32_t> all(count);
    std::iota(all.begin(), all.end(), 0);
    return all;
}

// For how many ticks each neuron stays silent for certain, as the host takes it.
std::vector<std::uint32_t> promised(Subject& subject, const Instance& instance, Cells& cells) {
    const std::uint32_t alone = subject.neuron().fires_alone(instance.get());
    if (alone == SYNFIRE_ALONE_NEVER) return std::vector<std::uint32_t>(cells.count(), UINT32_MAX);
    std::vector<std::uint32_t> ticks = cells.silent_ticks(instance, all_of(cells.count()));
    if (alone == SYNFIRE_ALONE_AFTER_SPIKE)
        for (std::uint32_t i = 0; i < cells.count(); ++i)
            if (!cells.fired(i)) ticks[i] = UINT32_MAX;
    return ticks;
}

// A tolerance for what two ways of rounding may do: relative, and to the size of the variable.
bool agree(const Columns& a, const Columns& b, std::size_t variable, std::uint32_t i, double size) {
    const double x = a.value(variable, i), y = b.value(variable, i);
    if (!a.is_real(variable)) return x == y;
    const bool is_double = a.bytes_of(variable) == 8;
    const double relative = is_double ? 1e-7 : 3e-4, least = is_double ? 1e-9 : 3e-6;
    return x == y ||
           std::fabs(x - y) <= relative * std::max(std::fabs(x), std::fabs(y)) + least * size;
}

double size_of(const Columns& columns, std::size_t variable) {
    double most = 0;
    for (std::uint32_t i = 0; i < columns.elements(variable); ++i)
        if (const double x = std::fabs(columns.value(variable, i)); std::isfinite(x))
            most = std::max(most, x);
    return most;
}

// From the state in which the cells are: what silent ticks do, one by one and at once.
void compare_silence(Subject& subject, const Instance& instance, const Values& values,
                     Cells& cells) {
    const std::vector<std::uint32_t> silent = promised(subject, instance, cells);
    Cells ticked(subject, values, cells.count()), jumped(subject, values, cells.count());
    ticked.state().copy(cells.state());
    ticked.no_input();
    std::uint32_t passed = 0;
    for (const std::uint32_t target : {1u, 2u, 3u, 7u, 20u, 100u, 300u}) {
        for (; passed < target; ++passed) {
            ticked.advance(instance, 1000 + passed);
            for (std::uint32_t i = 0; i < cells.count(); ++i)
                if (ticked.fired(i) && passed < silent[i])
                    throw Fault(fmt::format(
                        "a neuron fires {} ticks after its last input, and it has promised {}",
                        passed + 1,
                        silent[i] == UINT32_MAX ? "never to do so"
                                                : fmt::format("to stay silent for {}", silent[i])));
        }
        std::vector<std::uint32_t> listed;
        for (std::uint32_t i = 0; i < cells.count(); ++i)
            if (silent[i] >= target) listed.push_back(i);
        jumped.state().copy(cells.state());
        jumped.decay(instance, listed, std::vector<std::uint32_t>(listed.size(), target));
        for (std::size_t v = 0; v < cells.state().count(); ++v) {
            const double size = size_of(cells.state(), v);
            for (std::uint32_t i = 0; i < cells.count(); ++i) {
                const bool in = std::ranges::binary_search(listed, i);
                const Columns& wanted = in ? ticked.state() : cells.state();
                if (in ? agree(wanted, jumped.state(), v, i, size)
                       : wanted.value(v, i) == jumped.state().value(v, i))
                    continue;
                if (!in) throw Fault("'decay' changes neurons that it is not handed");
                throw Fault(fmt::format(
                    "'decay' over {} ticks makes '{}' {:.9g}, and so many ticks one by one {:.9g}",
                    target, cells.state().name(v), jumped.state().value(v, i), wanted.value(v, i)));
            }
        }
    }
}

void check_closed_form(Subject& subject) {
    bool any = false;
    std::string why;
    for (const Values& values : subject.near_defaults(6)) try {
            const Instance instance = subject.create(values);
            require_lazy(subject, instance);
            any = true;
            const double scale = scale_of(subject, values);
            Cells cells(subject, values, lazy_count);
            compare_silence(subject, instance, values, cells);
            for (std::int64_t t = 0; t < 60; ++t) {
                cells.drive(t, t % 12 == 11 ? 6 * scale : scale);  // some of it far too much
                cells.advance(instance, t);
                if (t % 12 == 11) compare_silence(subject, instance, values, cells);
            }
        } catch (const NotAsked& none) {
            why = none.what();
        } catch (const Refused&) {
            // Too much for it, in words.
        } catch (const Fault& fault) {
            throw Fault(fmt::format("{} (with {})", fault.what(), subject.words_of(values)));
        }
    if (!any) throw NotAsked(why);
}

// Each neuron by itself, visited only where something reaches it or its silence ends.
class Lazily {
  public:
    Lazily(Subject& subject, const Instance& instance, const Values& values)
        : subject_(subject), instance_(instance), cells_(subject, values, lazy_count) {
        wake_ = promised(subject, instance, cells_);
    }
    Cells& cells() { return cells_; }

    void advance(std::int64_t tick, double scale) {
        cells_.drive(tick, scale);
        std::vector<std::uint32_t> listed;
        for (std::uint32_t i = 0; i < cells_.count(); ++i)
            if (cells_.receives(i) || (wake_[i] != UINT32_MAX && at_[i] + wake_[i] <= tick))
                listed.push_back(i);
        catch_up(listed, tick);
        if (listed.empty()) return;
        std::vector<std::byte> before;
        cells_.state().append_to(before);
        cells_.advance(instance_, tick, listed);
        require_untouched(before, listed);
        const std::vector<std::uint32_t> silent = promised(subject_, instance_, cells_);
        for (const std::uint32_t i : listed) {
            at_[i] = tick + 1;
            wake_[i] = silent[i];
        }
    }
    // Brings neurons to just before a tick.
    void catch_up(const std::vector<std::uint32_t>& neurons, std::int64_t tick) {
        std::vector<std::uint32_t> behind, ticks;
        for (const std::uint32_t i : neurons)
            if (at_[i] < tick) {
                behind.push_back(i);
                ticks.push_back(static_cast<std::uint32_t>(tick - at_[i]));
                wake_[i] -= wake_[i] == UINT32_MAX ? 0 : std::min(wake_[i], ticks.back());
                at_[i] = tick;
            }
        if (!behind.empty()) cells_.decay(instance_, behind, ticks);
    }

  private:
    void require_untouched(const std::vector<std::byte>& before,
                           const std::vector<std::uint32_t>& listed) const {
        std::size_t at = 0;
        for (std::size_t v = 0; v < cells_.state().count(); ++v) {
            const std::size_t bytes = cells_.state().bytes_of(v);
            for (std::uint32_t i = 0; i < cells_.count(); ++i)
                if (std::memcmp(before.data() + at + i * bytes, cells_.state().element(v, i),
                                bytes) != 0 &&
                    !std::ranges::binary_search(listed, i))
                    throw Fault(fmt::format("'advance' changes '{}' of a neuron that is not listed",
                                            cells_.state().name(v)));
            at += cells_.count() * bytes;
        }
    }

    Subject& subject_;
    const Instance& instance_;
    Cells cells_;
    std::array<std::int64_t, lazy_count> at_{};  // up to which tick each stands
    std::vector<std::uint32_t> wake_;            // how long it is silent from there
};

void compare_lazily(Subject& subject, const Values& values) {
    const Instance instance = subject.create(values);
    require_lazy(subject, instance);
    const double scale = scale_of(subject, values);
    Cells ticked(subject, values, lazy_count), listed(subject, values, lazy_count);
    Lazily lazy(subject, instance, values);
    std::vector<bool> parted(lazy_count);
    std::uint32_t spikes = 0, differing = 0;
    for (std::int64_t t = 0; t < 300; ++t) {
        listed.state().copy(ticked.state());
        ticked.drive(t, scale / 2);
        ticked.advance(instance, t);
        listed.drive(t, scale / 2);
        listed.advance(instance, t, all_of(lazy_count));
        Transcript a, b;
        a.add("the spikes", ticked.fired().data(), lazy_count);
        b.add("the spikes", listed.fired().data(), lazy_count);
        a.add(fmt::format("after tick {}", t), ticked.state());
        b.add(fmt::format("after tick {}", t), listed.state());
        if (const auto difference = a.difference(b))
            throw Fault(fmt::format("neurons in a list get other results than without one: {}",
                                    *difference));
        lazy.advance(t, scale / 2);
        for (std::uint32_t i = 0; i < lazy_count; ++i) {
            const bool now = lazy.cells().receives(i) || ticked.fired(i);
            if (!now || parted[i]) continue;
            spikes += ticked.fired(i);
            if (ticked.fired(i) == lazy.cells().fired(i)) continue;
            parted[i] = true;
            ++differing;
        }
    }
    // A potential that stands at the threshold to the last bit may fall to either side.
    if (differing > 1 + spikes / 1000)
        throw Fault(fmt::format(
            "{} of {} neurons fire at other ticks when they are visited by events than when they "
            "are visited at every tick",
            differing, lazy_count));
}

void check_events(Subject& subject) {
    bool any = false;
    std::string why;
    for (const Values& values : subject.near_defaults(6)) try {
            compare_lazily(subject, values);
            any = true;
        } catch (const NotAsked& none) {
            why = none.what();
        } catch (const Fault& fault) {
            throw Fault(fmt::format("{} (with {})", fault.what(), subject.words_of(values)));
        }
    if (!any) throw NotAsked(why);
}

constexpr std::array<Check, 2> checks_of_silence = {{
    {"closed-form", "'decay' does what silent ticks do, and promised silence is kept",
     &check_closed_form},
    {"events", "visited by events, neurons do what they do visited at every tick", &check_events},
}};

}  // namespace

std::span<const Check> silence_checks() {
    return checks_of_silence;
}

}  // namespace synfire::conformance
