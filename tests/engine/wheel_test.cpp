#include <doctest/doctest.h>

#include <map>

#include "base/random.hpp"
#include "engine/wheel.hpp"

using namespace synfire;

namespace {

using Spikes = std::vector<std::uint32_t>;

std::vector<std::pair<std::uint32_t, Spikes>> taken(Wheel& wheel, std::int64_t tick) {
    std::vector<std::pair<std::uint32_t, Spikes>> result;
    for (const Delivery& d : wheel.take(tick)) {
        const auto spikes = wheel.spikes(d);
        result.emplace_back(d.projection, Spikes(spikes.begin(), spikes.end()));
    }
    return result;
}

}  // namespace

TEST_CASE("a batch arrives through each projection after its delay, by projection") {
    Wheel wheel(10);
    wheel.take(0);
    const Wheel::Route routes[] = {{4, 2}, {1, 2}, {2, 10}};
    wheel.put(0, Spikes{3, 5}, routes);
    CHECK(wheel.next() == 2);
    const auto at2 = taken(wheel, 2);
    REQUIRE(at2.size() == 2);
    CHECK(at2[0].first == 1);
    CHECK(at2[1].first == 4);
    CHECK(at2[1].second == Spikes{3, 5});
    CHECK(wheel.next() == 10);
    CHECK(taken(wheel, 10).size() == 1);
    CHECK(wheel.next() == Wheel::never);
}

TEST_CASE("delays beyond the wheel wait and arrive on time") {
    Wheel wheel(1000000);
    wheel.take(0);
    const Wheel::Route far[] = {{0, 1000000}}, near[] = {{1, 3}};
    wheel.put(0, Spikes{1}, far);
    wheel.put(0, Spikes{2}, near);
    CHECK(wheel.next() == 3);
    CHECK(taken(wheel, 3)[0].second == Spikes{2});
    CHECK(wheel.next() == 1000000);
    CHECK(taken(wheel, 1000000)[0].second == Spikes{1});
}

TEST_CASE("random traffic arrives like in a sorted map") {
    for (const std::uint32_t longest : {5u, 63u, 64u, 500u, 6000u}) {
        CAPTURE(longest);
        Wheel wheel(longest);
        std::map<std::int64_t, std::multimap<std::uint32_t, Spikes>> expected;
        Random random(longest, Stream::scene, 0, 0);
        std::int64_t tick = 0;
        for (int round = 0; round < 3000; ++round) {
            const auto arrived = taken(wheel, tick);
            const auto now = expected.find(tick);
            CHECK(arrived.size() == (now == expected.end() ? 0 : now->second.size()));
            if (now != expected.end()) {
                for (const auto& arrival : arrived) {
                    const auto range = now->second.equal_range(arrival.first);
                    CHECK(std::any_of(range.first, range.second,
                                      [&](const auto& e) { return e.second == arrival.second; }));
                }
                expected.erase(now);
            }
            if (random.below(3) == 0) {
                const Spikes spikes{random.below(100)};
                const Wheel::Route routes[] = {{0, 1 + random.below(longest)},
                                               {1, 1 + random.below(longest)}};
                wheel.put(tick, spikes, routes);
                for (const auto& r : routes) expected[tick + r.delay].emplace(r.projection, spikes);
            }
            const std::int64_t next = expected.empty() ? Wheel::never : expected.begin()->first;
            CHECK(wheel.next() == next);
            // Skip to the next arrival now and then.
            tick = random.below(4) == 0 && next != Wheel::never ? next : tick + 1;
            if (next != Wheel::never && tick > next) tick = next;
        }
    }
}

TEST_CASE("clear forgets what is under way") {
    Wheel wheel(8);
    wheel.take(0);
    const Wheel::Route routes[] = {{0, 4}};
    wheel.put(0, Spikes{1}, routes);
    wheel.clear();
    CHECK(wheel.next() == Wheel::never);
    CHECK(taken(wheel, 4).empty());
}
