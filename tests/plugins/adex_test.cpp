// adex against an integration of its own: Runge and Kutta's classical rule with steps so short that
// nothing of their length is left in the result.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "base/random.hpp"
#include "plugins/cell.hpp"

using namespace synfire;
using synfire::testing::Cell;

namespace {

struct Reference {
    double c = 281, g = 30, rest = -70.6, v_t = -50.4, delta = 2, peak = 0, reset = -60, t_ref = 0,
           a = 4, b = 80.5, tau_w = 144, tau_ex = 5, tau_in = 5, drive = 0;

    struct State {
        double v, w, ex, in;
        State along(const State& k, double h) const {
            return {v + h * k.v, w + h * k.w, ex + h * k.ex, in + h * k.in};
        }
    };
    State now{rest, 0, 0, 0};
    std::int64_t held = 0;

    State rate(const State& s) const {
        const double v = std::min(s.v, peak);
        const double spike = delta > 0 ? g * delta * std::exp((v - v_t) / delta) : 0;
        const double flow = (-g * (v - rest) + spike - s.w + s.ex + s.in + drive) / c;
        return {held > 0 ? 0 : flow, (a * (v - rest) - s.w) / tau_w, -s.ex / tau_ex,
                -s.in / tau_in};
    }
    State after(double h) const {
        const State k1 = rate(now), k2 = rate(now.along(k1, h / 2)),
                    k3 = rate(now.along(k2, h / 2)), k4 = rate(now.along(k3, h));
        return now.along(k1, h / 6).along(k2, h / 3).along(k3, h / 3).along(k4, h / 6);
    }
    bool step(double dt, double excitatory, double inhibitory) {
        bool fired = false;
        const double threshold = delta > 0 ? peak : v_t;
        const bool was_held = held > 0;
        for (double left = dt; left > 0;) {
            double h = std::min({left, 0.005, tau_ex / 50, tau_in / 50});
            const double steep = std::fabs(rate(now).v);
            if (delta > 0 && now.v > v_t && steep > 0) h = std::min(h, 0.02 * delta / steep);
            State next = after(h);
            while (next.v >= threshold && h > 1e-10) next = after(h /= 2);
            now = next;
            left = left - h < 1e-13 ? 0 : left - h;
            if (held == 0 && now.v >= threshold) {
                fired = true;
                now.v = reset;
                now.w += b;
                held = static_cast<std::int64_t>(std::ceil(t_ref / dt - 1e-9));
            }
        }
        if (was_held) --held;
        now.ex += excitatory;
        now.in += inhibitory;
        return fired;
    }
    Cell::Parameters parameters() const {
        return {{"C_m", c},
                {"g_L", g},
                {"E_L", rest},
                {"V_T", v_t},
                {"Delta_T", delta},
                {"V_peak", peak},
                {"V_reset", reset},
                {"t_ref", t_ref},
                {"a", a},
                {"b", b},
                {"tau_w", tau_w},
                {"tau_syn_ex", tau_ex},
                {"tau_syn_in", tau_in},
                {"I_e", drive}};
    }
};

}  // namespace

TEST_CASE("adex fires as often as its equations say, whatever the tick") {
    struct Wanted {
        double drive;
        int spikes;
    };
    for (const Wanted& wanted :
         {Wanted{700, 17}, {1000, 60}, {1500, 128}, {2000, 193}, {3000, 322}}) {
        const double drive = wanted.drive;
        CAPTURE(drive);
        Reference reference;
        reference.drive = drive;
        int expected = 0;
        for (int k = 0; k < 20000; ++k) expected += reference.step(0.1, 0, 0);
        CHECK(expected == wanted.spikes);
        for (const double dt : {1.0, 0.1, 0.05, 0.02}) {
            CAPTURE(dt);
            Cell cell("adex", {{"I_e", drive}}, dt);
            int spikes = 0;
            for (int k = 0; k < std::lround(2000 / dt); ++k) {
                const double before = cell["w"];
                if (!cell.step()) continue;
                ++spikes;
                // A jump of b, and what w moves by itself within a tick.
                const double more = cell["w"] - before - 80.5;
                CHECK(more > -(before + 80.5) / 144 * dt);
                CHECK(more < 4 * 70.6 / 144 * dt);
            }
            CHECK(spikes == expected);
        }
    }
}

TEST_CASE("adex follows its equations through spikes, refractoriness and input") {
    std::vector<Reference> all(7);
    all[0].drive = 700;
    all[1].t_ref = 2, all[1].drive = 800, all[1].tau_ex = 0.2, all[1].tau_in = 2;
    all[2].t_ref = 0.25, all[2].peak = -40, all[2].drive = 900;
    all[3].delta = 0, all[3].t_ref = 1, all[3].drive = 900;
    all[4].delta = 0.2, all[4].a = -2, all[4].b = 40, all[4].drive = 700, all[4].tau_w = 30;
    all[5].g = 4000, all[5].tau_w = 0.5, all[5].drive = 85000, all[5].t_ref = 3;
    all[6].delta = 8, all[6].peak = 30, all[6].drive = 600, all[6].tau_ex = 0.01;
    for (std::size_t n = 0; n < all.size(); ++n)
        for (const double dt : {0.1, 0.5}) {
            CAPTURE(n);
            CAPTURE(dt);
            Reference reference = all[n];
            Cell cell("adex", reference.parameters(), dt);
            Random random(11, Stream::weights, static_cast<std::uint32_t>(n), 0);
            // V is not compared within 1 ms of a spike, where it has no bounds.
            std::vector<double> differences_v;
            double worst_w = 0;
            int spikes = 0, others = 0;
            const int near = static_cast<int>(std::lround(1 / dt));
            int to_skip = 0;
            const double scale = reference.g / 30;
            for (int k = 0; k < std::lround(300 / dt); ++k) {
                const double excitatory = random.uniform(0, 1) < 0.2 * dt ? 150 * scale : 0;
                const double inhibitory = random.uniform(0, 1) < 0.2 * dt ? -100 * scale : 0;
                const bool fired = cell.step(excitatory, inhibitory);
                const bool expected = reference.step(dt, excitatory, inhibitory);
                spikes += expected;
                others += fired != expected;
                if (expected) {
                    differences_v.resize(differences_v.size() -
                                         std::min<std::size_t>(differences_v.size(), near));
                    to_skip = near;
                }
                if (to_skip-- <= 0)
                    differences_v.push_back(
                        std::fabs(cell["V_m"] + reference.rest - reference.now.v));
                worst_w = std::max(worst_w, std::fabs(cell["w"] - reference.now.w));
            }
            CHECK(spikes > 1);
            CHECK(others == 0);
            CHECK(std::ranges::max(differences_v) < 5e-4);
            CHECK(worst_w < 1e-4 * std::max(1.0, scale));
        }
}

TEST_CASE("adex: w goes on while V is held") {
    Cell cell("adex", {{"t_ref", 50}}, 0.1);
    for (int k = 0; k < 10; ++k) cell.step();
    cell.step(20000);
    while (!cell.step()) {
    }
    const double w = cell["w"], end = 4 * (-60 + 70.6);
    for (int k = 1; k <= 500; ++k) {
        CHECK_FALSE(cell.step());
        CHECK(cell["V_m"] == doctest::Approx(10.6));
        CHECK(cell["w"] == doctest::Approx(end + (w - end) * std::exp(-k * 0.1 / 144)));
    }
    cell.step();
    CHECK(cell["V_m"] != doctest::Approx(10.6));
}

TEST_CASE("adex: the charge of a synaptic current does not depend on the tick") {
    for (const double tau : {5.0, 0.1, 1e-3, 1e-6})
        for (const double dt : {0.05, 0.1, 1.0}) {
            CAPTURE(tau);
            CAPTURE(dt);
            Cell cell("adex", {{"g_L", 1e-9}, {"a", 0}, {"tau_syn", tau}}, dt);
            cell.step(100, -40);
            for (double t = 0; t < 200; t += dt) cell.step();
            CHECK(cell["V_m"] == doctest::Approx(60 * tau / 281).epsilon(1e-6));
        }
}

TEST_CASE("adex follows stiff parameters or refuses them") {
    for (const Cell::Parameters& p : {Cell::Parameters{{"tau_w", 1e-3}, {"I_e", 300}},
                                      {{"g_L", 1e6}, {"I_e", 1e7}},
                                      {{"tau_w", 1e-3}, {"g_L", 1e6}, {"a", 1e5}, {"I_e", 1e7}}}) {
        Cell cell("adex", p, 0.1);
        for (int k = 0; k < 20000; ++k) CHECK_FALSE(cell.step());
        const double g = p.contains("g_L") ? p.at("g_L") : 30, a = p.contains("a") ? p.at("a") : 4;
        const double v = p.at("I_e") / (g + a);  // but for the exponential, which is small here
        CHECK(cell["V_m"] == doctest::Approx(v).epsilon(2e-3));
        CHECK(cell["w"] == doctest::Approx(a * cell["V_m"]).epsilon(1e-5));
    }
    const char* stiff = "too short for this dt_ms";
    CHECK_THROWS_WITH_AS(Cell("adex", {{"tau_w", 1e-9}}, 0.1), doctest::Contains(stiff),
                         PluginError);
    CHECK_THROWS_WITH_AS(Cell("adex", {{"g_L", 1e12}}, 0.1), doctest::Contains(stiff), PluginError);
    CHECK_THROWS_WITH_AS(Cell("adex", {{"a", 1e16}}, 0.1), doctest::Contains(stiff), PluginError);
    CHECK_THROWS_WITH_AS(Cell("adex", {{"tau_w", 1e-320}}, 0.1), doctest::Contains(stiff),
                         PluginError);
    CHECK_THROWS_WITH_AS(Cell("adex", {{"V_peak", -61}}, 0.1),
                         doctest::Contains("V_reset has to be below V_peak"), PluginError);
    CHECK_THROWS_WITH_AS(Cell("adex", {{"Delta_T", 0}, {"V_reset", -50}}, 0.1),
                         doctest::Contains("V_reset has to be below V_T"), PluginError);
}

TEST_CASE("adex fires at most once a tick, or says that it cannot be followed") {
    Cell cell("adex", {}, 0.1);
    cell.step(1e6);
    CHECK_THROWS_WITH_AS(
        [&] {
            while (true) cell.step();
        }(),
        doctest::Contains("twice within one tick"), PluginError);
    Cell held("adex", {{"t_ref", 0.1}}, 0.1);
    held.step(1e6);
    int spikes = 0;
    for (int k = 0; k < 200; ++k) spikes += held.step();
    CHECK(spikes > 10);
    CHECK(std::isfinite(held["w"]));
}

TEST_CASE("adex takes one time constant for both currents or one for each") {
    Cell one("adex", {{"tau_syn", 3}}, 0.1),
        two("adex", {{"tau_syn_ex", 3}, {"tau_syn_in", 3}}, 0.1);
    Cell other("adex", {{"tau_syn", 3}, {"tau_syn_in", 1}}, 0.1);
    for (Cell* cell : {&one, &two, &other}) {
        cell->step(50, -20);
        for (int k = 0; k < 30; ++k) cell->step();
    }
    CHECK(one["V_m"] == two["V_m"]);
    CHECK(one["I_ex"] == doctest::Approx(50 * std::exp(-1)));
    CHECK(other["I_in"] == doctest::Approx(-20 * std::exp(-3)));
}
