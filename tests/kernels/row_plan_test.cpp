// Terms of a plan, read back into the rows that they stand for.
#include "kernels/row_plan.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "base/random.hpp"

using namespace synfire;

TEST_CASE("terms stand for the rows whose bits were set, in ascending order") {
    constexpr std::uint32_t sums = 90;
    for (const std::uint32_t rows : {0u, 3u, 64u, 130u, 700u, RowPlan::most_rows})
        for (const float density : {0.0f, 0.004f, 0.5f, 1.0f})
            for (const bool all : {false, true}) {
                CAPTURE(rows);
                CAPTURE(density);
                CAPTURE(all);
                std::vector<float> places(sums);
                std::vector<float*> to;
                for (float& place : places) to.push_back(&place);
                RowPlan plan;
                plan.begin(to, rows);
                Random random(rows, Stream::weights, 0, 0);
                std::vector<std::vector<std::uint32_t>> wanted(sums);
                std::uint64_t expected = 0;
                for (std::uint32_t s = 0; s < sums; ++s)
                    for (std::uint32_t r = 0; r < rows; ++r)
                        if (s % 7 != 3 && random.uniform() < density) {
                            plan.words(r / 64)[s] |= std::uint64_t{1} << r % 64;
                            wanted[s].push_back(r);
                            ++expected;
                        }
                plan.finish(all);
                CHECK(plan.row_additions() == expected);
                CHECK(plan.grouped() == (density >= 0.5f && rows > 0));

                const std::uint16_t* term = plan.terms();
                const RowPlan::Sum* sum = plan.listed().data();
                std::uint32_t listed = 0, terms_before = 0;
                for (const RowPlan::Run& run : plan.runs()) {
                    CHECK((listed == 0 || run.terms > terms_before));
                    terms_before = run.terms;
                    for (std::uint32_t k = 0; k < run.sums; ++k, ++sum, ++listed) {
                        CHECK(sum->to == to[sum->number]);
                        std::vector<std::uint32_t> taken;
                        for (std::uint32_t t = 0; t < run.terms; ++t, ++term) {
                            if (!plan.grouped()) {
                                taken.push_back(*term);
                                continue;
                            }
                            const std::uint32_t of_table = *term * 2u / RowPlan::columns;
                            CHECK(of_table % RowPlan::sums != 0);
                            for (std::uint32_t r = 0; r < RowPlan::group; ++r)
                                if (of_table % RowPlan::sums >> r & 1)
                                    taken.push_back(of_table / RowPlan::sums * RowPlan::group + r);
                        }
                        CHECK(taken == wanted[sum->number]);
                        wanted[sum->number].clear();
                    }
                }
                CHECK(listed == plan.listed().size());
                if (all) CHECK(listed == sums);
                CHECK(std::ranges::all_of(wanted, [](const auto& w) { return w.empty(); }));
            }
}
