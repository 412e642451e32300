#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <memory>

#include "conformance/columns.hpp"
#include "conformance/exercise.hpp"
#include "conformance/threads.hpp"

namespace synfire::conformance {
namespace {

// The spikes of some sources, tick by tick.
class Spikes {
  public:
    static constexpr std::uint32_t sources = 61;

    Spikes(Subject& subject, const Values& values)
        : subject_(subject),
          state_(subject.description(), values, {.pre = sources}),
          listed_("'sources'", sources),
          since_("'ticks'", sources),
          factors_("'factors'", sources) {}

    // In two calls a tick, the second from that source on, where split is below `sources`.
    Transcript run(const Instance& instance, std::uint32_t sample, std::uint32_t ticks,
                   std::uint32_t split = sources) {
        Transcript transcript;
        state_.reset();
        std::array<std::int64_t, sources> last{};
        last.fill(-1);
        for (std::uint32_t t = 0; t < ticks; ++t) {
            Random random(sample, Stream::scene, t, 2);
            std::array<bool, sources> fires{};
            for (bool& fire : fires) fire = random.uniform() < 0.1f;
            std::vector<double> factors;
            call(instance, t, fires, last, 0, split, factors);
            call(instance, t, fires, last, split, sources, factors);
            for (std::uint32_t j = 0; j < sources; ++j)
                if (fires[j]) last[j] = t;
            transcript.add(fmt::format("the factors of tick {}", t), factors.data(),
                           factors.size() * sizeof(double));
            transcript.add(fmt::format("after tick {}", t), state_);
        }
        return transcript;
    }

  private:
    void call(const Instance& instance, std::uint32_t tick, const std::array<bool, sources>& fires,
              const std::array<std::int64_t, sources>& last, std::uint32_t from, std::uint32_t to,
              std::vector<double>& factors) {
        std::uint32_t count = 0;
        listed_.open();
        since_.open();
        for (std::uint32_t j = from; j < to; ++j)
            if (fires[j]) {
                listed_[count] = j;
                since_[count++] =
                    last[j] < 0 ? UINT32_MAX : static_cast<std::uint32_t>(tick - last[j]);
            }
        listed_.seal();
        since_.seal();
        std::ranges::fill(factors_, std::numeric_limits<double>::quiet_NaN());
        synfire_release_spikes spikes{sizeof spikes,     count,
                                      listed_.data(),    since_.data(),
                                      state_.pointers(), factors_.data()};
        std::vector<std::byte> before;
        state_.append_to(before);
        subject_.require("release", within("release", [&] {
                             return subject_.release().release(instance.get(), &spikes);
                         }));
        state_.require_margins();
        factors_.require_margins();
        require_others_untouched(before, count);
        for (std::uint32_t k = 0; k < sources; ++k)
            if (k >= count && !std::isnan(factors_[k]))
                throw Fault("it writes factors of spikes that it is not handed");
        for (std::uint32_t k = 0; k < count; ++k) {
            if (!std::isfinite(factors_[k]))
                throw Fault(fmt::format("it gives a factor of {}, or none", factors_[k]));
            factors.push_back(factors_[k]);
        }
        state_.require_finite(fmt::format("after tick {}", tick));
    }
    void require_others_untouched(const std::vector<std::byte>& before, std::uint32_t count) const {
        std::vector<std::byte> after;
        state_.append_to(after);
        std::size_t at = 0;
        for (std::size_t v = 0; v < state_.count(); ++v) {
            const std::size_t bytes = state_.bytes_of(v);
            for (std::uint32_t j = 0; j < sources; ++j)
                if (!std::equal(before.begin() + static_cast<std::ptrdiff_t>(at + j * bytes),
                                before.begin() + static_cast<std::ptrdiff_t>(at + (j + 1) * bytes),
                                after.begin() + static_cast<std::ptrdiff_t>(at + j * bytes)) &&
                    std::find(listed_.begin(), listed_.begin() + count, j) ==
                        listed_.begin() + count)
                    throw Fault(fmt::format("it changes '{}' of a source that has not fired",
                                            state_.name(v)));
            at += padded_count(sources) * bytes;
        }
    }

    Subject& subject_;
    Columns state_;
    GuardedArray<std::uint32_t> listed_, since_;
    GuardedArray<double> factors_;
};

constexpr std::uint32_t release_ticks = 150;

void require_same_factors(const Transcript& a, const Transcript& b, const char* what) {
    if (const auto difference = a.difference(b))
        throw Fault(fmt::format("{}: {} is not the same", what, *difference));
}

void check_release_bounds(Subject& subject) {
    const Values values = subject.defaults();
    const Instance instance = subject.create(values);
    Spikes(subject, values).run(instance, 1, release_ticks);
}

void check_release_reset(Subject& subject) {
    const Values values = subject.defaults();
    const Instance used = subject.create(values), fresh = subject.create(values);
    Spikes spikes(subject, values);
    const Transcript first = spikes.run(used, 1, release_ticks);
    spikes.run(used, 2, release_ticks);
    require_same_factors(first, spikes.run(used, 1, release_ticks),
                         "an instance that has been used gives other results from the same state");
    require_same_factors(first, spikes.run(fresh, 1, release_ticks),
                         "a second instance with the same parameters gives other results");
}

void check_release_parts(Subject& subject) {
    const Values values = subject.defaults();
    const Instance instance = subject.create(values);
    Spikes spikes(subject, values);
    const Transcript whole = spikes.run(instance, 1, release_ticks);
    for (const std::uint32_t split : {1u, 30u, 60u})
        require_same_factors(whole, spikes.run(instance, 1, release_ticks, split),
                             "a list of spikes gives other results than its parts");
}

void check_release_finite(Subject& subject) {
    for (const Values& values : subject.near_defaults(12)) try {
            const Instance instance = subject.create(values);
            Spikes(subject, values).run(instance, 5, 2 * release_ticks);
        } catch (const Fault& fault) {
            throw Fault(fmt::format("with {}, {}", subject.words_of(values), fault.what()));
        }
}

void check_release_threads(Subject& subject) {
    constexpr std::size_t threads = 4;
    const Values values = subject.defaults();
    const Instance instance = subject.create(values);
    std::vector<std::unique_ptr<Spikes>> all;
    for (std::size_t k = 0; k < threads; ++k)
        all.push_back(std::make_unique<Spikes>(subject, values));
    const auto factors_of = [&](std::size_t k) {
        return all[k]->run(instance, static_cast<std::uint32_t>(k), 8 * release_ticks);
    };
    std::array<Transcript, threads> alone, together;
    for (std::size_t k = 0; k < threads; ++k) alone[k] = factors_of(k);
    at_once(threads, [&](std::size_t k) { together[k] = factors_of(k); });
    for (std::size_t k = 0; k < threads; ++k)
        require_same_factors(alone[k], together[k],
                             "several threads at once get other results than one alone");
}

constexpr std::array<Check, 5> checks_of_releases = {{
    {"bounds", "it writes nowhere but into factors and the state of what fires",
     &check_release_bounds},
    {"reset", "results depend on parameters, state and spikes alone", &check_release_reset},
    {"parts", "a list of spikes and its parts give the same bits", &check_release_parts},
    {"finite", "factors and state are finite", &check_release_finite},
    {"threads", "several threads at once get the same bits", &check_release_threads},
}};

}  // namespace

void exercise_release(Subject& subject, const Instance& instance, const Values& values) {
    static_cast<void>(Spikes(subject, values).run(instance, 1, 20));
}

std::span<const Check> release_checks() {
    return checks_of_releases;
}

}  // namespace synfire::conformance
