// Rows that wait, added group by group or one by one, against sums written out.
#include "kernels/dense_gradient.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "base/random.hpp"

using namespace synfire;

namespace {

constexpr std::uint32_t first_sources = 37, sources = 60, targets = 70;

struct Expected {
    std::vector<double> gradient = std::vector<double>(std::size_t{sources} * targets);
    void add(std::uint32_t source, double scale, const float* row) {
        for (std::uint32_t i = 0; i < targets; ++i)
            gradient[source * targets + i] += scale * double{row[i]};
    }
    void check(const Matrix& a, const Matrix& b) const {
        double worst = 0, largest = 0;
        for (std::uint32_t j = 0; j < sources; ++j)
            for (std::uint32_t i = 0; i < targets; ++i) {
                const Matrix& of = j < first_sources ? a : b;
                const double is = of.row(j < first_sources ? j : j - first_sources)[i];
                const double should = gradient[j * targets + i];
                worst = std::max(worst, std::fabs(is - should));
                largest = std::max(largest, std::fabs(should));
            }
        CHECK(worst <= 1e-5 * largest);
        for (const Matrix* m : {&a, &b})
            for (std::uint32_t j = 0; j < m->rows; ++j)
                for (std::size_t i = targets; i < m->stride; ++i) CHECK(m->row(j)[i] == 0);
    }
};

AlignedVector<float> random_row(Random& random) {
    AlignedVector<float> row(padded(targets));
    for (std::uint32_t i = 0; i < targets; ++i) row[i] = random.uniform(-1, 1);
    return row;
}

std::vector<std::uint32_t> random_spikes(Random& random, float probability) {
    std::vector<std::uint32_t> spikes;
    for (std::uint32_t j = 0; j < sources; ++j)
        if (random.uniform() < probability) spikes.push_back(j);
    return spikes;
}

}  // namespace

TEST_CASE("waiting rows reach two gradients, whether spikes are many or few") {
    for (const std::uint32_t count : {0u, 1u, 4u, 5u, 63u, 64u, 65u, 130u, 256u})
        for (const float probability : {0.0f, 0.02f, 0.3f, 1.0f})
            for (const std::uint32_t outers : {0u, 3u}) {
                const bool anew = (count + outers) % 2 == 1;
                CAPTURE(count);
                CAPTURE(probability);
                CAPTURE(outers);
                Random random(count + outers, Stream::weights, 0, 0);
                GradientRows rows(sources, targets, 256);
                Matrix a(first_sources, targets), b(sources - first_sources, targets);
                if (anew)  // whatever stands there is to be replaced
                    for (Matrix* m : {&a, &b}) std::ranges::fill(m->data, NAN);
                Expected expected;
                std::uint64_t additions = 0;
                for (std::uint32_t k = 0; k < count; ++k) {
                    std::vector<std::uint32_t> spikes = random_spikes(random, probability);
                    if (k % 7 == 3 && !spikes.empty()) spikes.push_back(spikes.front());  // twice
                    const AlignedVector<float> row = random_row(random);
                    rows.add(spikes, row.data());
                    for (const std::uint32_t j : spikes) expected.add(j, 1, row.data());
                    additions += spikes.size();
                }
                for (std::uint32_t o = 0; o < outers; ++o) {
                    std::vector<float> scale(sources);
                    for (float& s : scale) s = random.below(3) == 0 ? random.uniform() : 0.0f;
                    const AlignedVector<float> row = random_row(random);
                    rows.add_outer(scale, row.data());
                    for (std::uint32_t j = 0; j < sources; ++j) {
                        expected.add(j, double{scale[j]}, row.data());
                        additions += scale[j] != 0;
                    }
                }
                CHECK(add_rows({{{a, 0}, {b, first_sources}}}, rows, anew) == additions);
                expected.check(a, b);
            }
}

TEST_CASE("a row is added to what is listed, whether it still waits or not") {
    Random random(5, Stream::weights, 0, 0);
    GradientRows rows(sources, targets, 256);
    Matrix a(first_sources, targets), b(sources - first_sources, targets);
    Expected expected;
    std::vector<double> listed(sources);
    auto flush = [&] {
        add_rows({{{a, 0}, {b, first_sources}}}, rows);
        rows.clear();
    };
    for (std::uint32_t k = 0; k < 200; ++k) {
        const std::vector<std::uint32_t> spikes = random_spikes(random, 0.2f);
        const AlignedVector<float> row = random_row(random);
        const bool lists = k % 5 != 0, brings = k % 7 != 0;
        if (!brings)
            rows.count_spikes(spikes);
        else if (lists)
            rows.add_counted(spikes, row.data());
        else
            rows.add(spikes, row.data());
        for (const std::uint32_t j : spikes) {
            if (brings) expected.add(j, 1, row.data());
            listed[j] += lists || !brings;
        }
        if (k == 100) {  // rows of zeros, of which the last three are taken back
            const AlignedVector<float> zeros(padded(targets));
            for (int n = 0; n < 5; ++n) {
                rows.add_counted(spikes, zeros.data());
                for (const std::uint32_t j : spikes) listed[j] += 1;
            }
            const std::uint32_t before = rows.row_count();
            rows.remove_counted(3);
            CHECK(rows.row_count() == before - 3);
        }
        if (k == 30 || k == 90) flush();  // in the middle of what is listed
        if (k == 60 || k == 130 || k == 199) {
            const AlignedVector<float> last = random_row(random);
            rows.add_outer_of_counts(last.data());
            for (std::uint32_t j = 0; j < sources; ++j) expected.add(j, listed[j], last.data());
            std::ranges::fill(listed, 0.0);
        }
    }
    flush();
    expected.check(a, b);
}

TEST_CASE("a larger gradient is worth more waiting rows") {
    constexpr std::size_t row = 464 * sizeof(float);
    CHECK(GradientRows::worthwhile_rows(464, 1000 * row) == 256);
    CHECK(GradientRows::worthwhile_rows(464, 2000 * row) == 500);
    CHECK(GradientRows::worthwhile_rows(464, 8000 * row) == 1000);
    CHECK(GradientRows::worthwhile_rows(1 << 20, 0) == 4);
}
