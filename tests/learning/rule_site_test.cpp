#include "learning/rule_site.hpp"

#include <doctest/doctest.h>

#include "support/experiments.hpp"

using namespace synfire;
using namespace synfire::testing;

TEST_CASE("dense projections onto one population are one site") {
    auto e = small_experiment();
    const auto sites = [&] {
        const Experiment ex = experiment(e);
        const Network network(ex.network, 1, trained_populations(ex.network));
        return rule_sites(network);
    };
    const auto joined = sites();
    REQUIRE(joined.size() == 2);
    REQUIRE(joined[0].members.size() == 2);  // in -> hidden, hidden -> hidden
    CHECK(joined[0].members[0].projection == 0);
    CHECK(joined[0].members[0].first == 0);
    CHECK(joined[0].members[1].projection == 1);
    CHECK(joined[0].members[1].first == 6);
    CHECK(joined[0].pre_count == 6 + 8);
    CHECK(joined[0].post_count == 8);
    CHECK(joined[0].target == 1);
    REQUIRE(joined[1].members.size() == 1);
    CHECK(joined[1].target == 2);

    std::vector<std::uint32_t> arrivals{99};
    const std::vector<std::uint32_t> of_input{1, 5}, of_hidden{0, 7};
    const std::size_t end = joined[0].write_arrivals(arrivals, 1, [&](std::uint32_t p) {
        return std::span<const std::uint32_t>(p == 0 ? of_input : of_hidden);
    });
    CHECK(end == 5);
    CHECK(arrivals == std::vector<std::uint32_t>{99, 1, 5, 6, 13});

    // One that does not learn, or is of another type, stands aside.
    e["network"]["projections"][0]["learn"] = false;
    CHECK(sites().size() == 2);
    CHECK(sites()[0].members.size() == 1);
    e["network"]["projections"][0].erase("learn");
    e["network"]["projections"][1]["topology"] = "one_to_one";
    e["network"]["projections"][1].erase("standardise");
    CHECK(sites().size() == 3);
}
