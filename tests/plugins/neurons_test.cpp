// The shipped neurons at the ends of what their parameters allow: time constants far from the tick,
// refractory periods that are no whole number of ticks, rates that a source cannot have.
#include <doctest/doctest.h>

#include <cmath>

#include "base/random.hpp"
#include "plugins/cell.hpp"

using namespace synfire;
using synfire::testing::Cell;

namespace {

// What a current of weight 1 that arrives at time 0 has brought to V by time t, C_m = 1, in the
// closed forms as they stand in books; long double has the range for them.
long double after_exponential(long double tau_m, long double tau_s, long double t) {
    const long double k = 1 / tau_s - 1 / tau_m, x = k * t;
    if (std::fabs(x) < 1e-4L)
        return std::exp(-t / tau_m) * t * (1 - x / 2 + x * x / 6 - x * x * x / 24);
    return (std::exp(-t / tau_m) - std::exp(-t / tau_s)) / k;
}
long double after_alpha(long double tau_m, long double tau_s, long double t) {
    const long double k = 1 / tau_s - 1 / tau_m, x = k * t;
    const long double scale = std::exp(1.0L) / tau_s;
    if (std::fabs(x) < 1e-3L)
        return scale * std::exp(-t / tau_m) * t * t *
               (0.5L - x / 3 + x * x / 8 - x * x * x / 30 + x * x * x * x / 144);
    return scale * (std::exp(-t / tau_m) - std::exp(-t / tau_s) * (1 + x)) / (k * k);
}

void check_course(const char* neuron, double tau_m, double tau_s, auto&& closed_form) {
    CAPTURE(neuron);
    CAPTURE(tau_m);
    CAPTURE(tau_s);
    constexpr double dt = 0.1, weight = 40;
    Cell cell(neuron,
              {{"C_m", 2},
               {"tau_m", tau_m},
               {"tau_syn_ex", tau_s},
               {"tau_syn_in", tau_s},
               {"V_th", 1e300}},
              dt);
    cell.step(weight);
    double largest = 0, difference = 0;
    for (int k = 1; k <= 400; ++k) {
        cell.step();
        const auto expected = static_cast<double>(
            weight / 2 * closed_form(tau_m, tau_s, static_cast<long double>(k) * dt));
        difference = std::isnan(cell["V_m"])
                         ? 1e300
                         : std::max(difference, std::fabs(cell["V_m"] - expected));
        largest = std::max(largest, std::fabs(expected));
    }
    CHECK(difference <= 1e-9 * largest + 1e-250);
}

constexpr double taus[] = {1e-300, 1e-12, 1e-6,       1e-5, 1e-4,    1.4e-4, 1e-3, 0.01, 0.099999,
                           0.1,    2,     9.99999999, 10,   10.0001, 1000,   1e12, 1e300};

}  // namespace

TEST_CASE("exact integration holds for time constants far from the tick and from each other") {
    for (const double tau_m : taus)
        for (const double tau_s : taus) {
            check_course("iaf_psc_exp", tau_m, tau_s, after_exponential);
            check_course("iaf_psc_alpha", tau_m, tau_s, after_alpha);
        }
}

TEST_CASE("a constant current brings what it should, however slow or fast the membrane") {
    for (const char* neuron : {"iaf_psc_delta", "iaf_psc_exp", "iaf_psc_alpha"})
        for (const double tau : taus) {
            CAPTURE(neuron);
            CAPTURE(tau);
            Cell cell(neuron, {{"tau_m", tau}, {"I_e", 1e-5}, {"C_m", 2}}, 0.1);
            for (int k = 0; k < 100; ++k) cell.step();
            const double expected = 1e-5 / 2 * tau * -std::expm1(-10 / tau);
            CHECK(std::fabs(cell["V_m"] - expected) <= 1e-9 * expected);
        }
}

TEST_CASE("parameters whose constants are no numbers are refused") {
    for (const char* neuron : {"iaf_psc_exp", "iaf_psc_alpha"})
        CHECK_THROWS_WITH_AS(Cell(neuron, {{"C_m", 1e-300}, {"I_e", 1e300}}, 0.1),
                             doctest::Contains("make I_e / C_m infinite or no number"),
                             PluginError);
    CHECK_THROWS_WITH_AS(Cell("iaf_psc_alpha", {{"tau_syn_ex", 1e-310}}, 0.1),
                         doctest::Contains("infinite or no number"), PluginError);
    CHECK_THROWS_WITH_AS(Cell("iaf_psc_delta", {{"C_m", 1e-300}, {"I_e", 1e300}}, 0.1),
                         doctest::Contains("make I_e / C_m infinite or no number"), PluginError);
    CHECK_THROWS_WITH_AS(Cell("izhikevich", {{"I_e", 1e200}}, 0.1),
                         doctest::Contains("infinite or no number"), PluginError);
    CHECK_THROWS_WITH_AS(Cell("lif", {{"threshold", 1e39}}, 1),
                         doctest::Contains("threshold is beyond single precision"), PluginError);
    CHECK_THROWS_WITH_AS(Cell("lif", {{"threshold", 1e-60}}, 1),
                         doctest::Contains("threshold is too near to 0 for single precision"),
                         PluginError);
    CHECK_NOTHROW(Cell("lif", {{"threshold", 1.2e-38}}, 1));
}

TEST_CASE("a refractory period is held in whole ticks, rounded up") {
    struct Period {
        double t_ref, dt;
        int held;
    };
    for (const char* neuron : {"iaf_psc_delta", "iaf_psc_exp", "iaf_psc_alpha", "adex"})
        for (const Period& period : {Period{0.4, 1, 1},
                                     {1, 1, 1},
                                     {1.4, 1, 2},
                                     {2, 0.1, 20},
                                     {0.3, 0.1, 3},
                                     {0.7, 0.1, 7},
                                     {2.05, 0.1, 21},
                                     {2, 0.0001, 20000},
                                     {1e-7, 0.1, 1}}) {
            const double t_ref = period.t_ref, dt = period.dt;
            CAPTURE(neuron);
            CAPTURE(t_ref);
            CAPTURE(dt);
            Cell cell(neuron, {{"t_ref", t_ref}, {"I_e", 700}}, dt);
            while (!cell.step()) {
            }
            CHECK(cell["refractory"] == period.held);
            const double reset = cell["V_m"];
            for (int k = 0; k < period.held; ++k) {
                cell.step();
                CHECK(cell["V_m"] == reset);
            }
            cell.step();
            CHECK(cell["V_m"] != reset);
        }
    CHECK_THROWS_WITH_AS(Cell("iaf_psc_delta", {{"t_ref", 1e6}}, 0.01),
                         doctest::Contains("t_ref has to be at most 16777216 ticks"), PluginError);
    CHECK_THROWS_WITH_AS(Cell("adex", {{"t_ref", 1e300}}, 0.01),
                         doctest::Contains("t_ref has to be at most 9007199254740992 ticks"),
                         PluginError);
}

TEST_CASE(
    "a Poisson source refuses more than one spike a tick and fires in each tick at that rate") {
    CHECK_THROWS_WITH_AS(Cell("poisson", {{"rate_hz", 5000}}, 1.0),
                         doctest::Contains("at most 1000 Hz are allowed with this dt_ms"),
                         PluginError);
    CHECK_THROWS_AS(Cell("poisson", {{"rate_hz", 10000.1}}, 0.1), PluginError);
    for (const auto& [rate, dt] : {std::pair{1000.0, 1.0}, {10000.0, 0.1}, {1e6 / 3, 0.003}}) {
        Cell always("poisson", {{"rate_hz", rate}}, dt);
        for (int k = 0; k < 1000; ++k) CHECK(always.step());
    }
    Cell never("poisson", {{"rate_hz", 0}}, 1);
    for (int k = 0; k < 1000; ++k) CHECK_FALSE(never.step());
}

TEST_CASE("izhikevich: inhibition does not make it fire with a tick of 0.1 ms") {
    for (const double integration : {0.0, 1.0})
        for (const double weight : {-40.0, -60.0, -80.0, -200.0}) {
            Cell cell("izhikevich", {{"integration", integration}}, 0.1);
            for (int k = 0; k < 5000; ++k) cell.step();
            cell.step(0, weight);
            int spikes = 0;
            for (int k = 0; k < 10000; ++k) spikes += cell.step();
            CHECK(spikes == 0);
        }
}

TEST_CASE("izhikevich integrates as published, or as forward Euler where that is asked for") {
    Cell published("izhikevich", {{"I_e", 10}}, 1),
        euler("izhikevich", {{"I_e", 10}, {"integration", 1}}, 0.1);
    double v[2] = {-65, -65}, u[2] = {-13, -13};
    int spikes = 0;
    for (int k = 0; k < 1000; ++k) {
        v[0] += 0.5 * (0.04 * v[0] * v[0] + 5 * v[0] + 140 - u[0] + 10);
        v[0] += 0.5 * (0.04 * v[0] * v[0] + 5 * v[0] + 140 - u[0] + 10);
        u[0] += 0.02 * (0.2 * v[0] - u[0]);
        const double before = v[1];
        v[1] += 0.1 * (0.04 * before * before + 5 * before + 140 - u[1] + 10);
        u[1] += 0.1 * 0.02 * (0.2 * before - u[1]);
        const bool fired[] = {published.step(), euler.step()};
        for (int i = 0; i < 2; ++i) {
            CHECK(fired[i] == (v[i] >= 30));
            if (v[i] >= 30) v[i] = -65, u[i] += 8, ++spikes;
        }
        CHECK(published["v"] == doctest::Approx(v[0]).epsilon(1e-9));
        CHECK(euler["v"] == doctest::Approx(v[1]).epsilon(1e-9));
        CHECK(euler["u"] == doctest::Approx(u[1]).epsilon(1e-9));
    }
    CHECK(spikes > 10);
}

TEST_CASE("Psi has the shape and the constants that are asked for") {
    struct Wanted {
        const char* word;
        Cell::Parameters constants;
        double (*psi)(double v);
    };
    const auto& description = *synfire::testing::plugins().neuron("lif")->table->description;
    for (const Wanted& wanted : {
             Wanted{"fast_sigmoid_100", {}, [](double v) { return std::pow(100 * v + 1, -2); }},
             {"triangular_0.3", {}, [](double v) { return 0.3 * std::max(0.0, 1 - v); }},
             {"sigmoid_4", {}, [](double v) { return 1 / std::pow(std::cosh(2 * v), 2); }},
             {"fast_sigmoid", {}, [](double v) { return std::pow(10 * v + 1, -2); }},
             {"fast_sigmoid", {{"psi_slope", 3}}, [](double v) { return std::pow(3 * v + 1, -2); }},
             {"triangular", {}, [](double v) { return 0.3 * std::max(0.0, 1 - v); }},
             {"triangular",
              {{"psi_width", 0.4}, {"psi_height", 2}},
              [](double v) { return 2 * std::max(0.0, 1 - v / 0.4); }},
             {"sigmoid",
              {{"psi_slope", 8}},
              [](double v) { return 2 / std::pow(std::cosh(4 * v), 2); }},
             {"boxcar",
              {{"psi_width", 0.5}, {"psi_height", 1.5}},
              [](double v) { return v < 0.5 ? 1.5 : 0; }},
         }) {
        CAPTURE(wanted.word);
        Cell::Parameters parameters = wanted.constants;
        parameters["psi"] = synfire::testing::choice(description, "psi", wanted.word);
        for (const double v : {-2.0, -0.45, -0.1, -0.01, 0.01, 0.03, 0.35, 0.55, 1.7}) {
            Cell cell("lif", parameters, 1);
            CHECK(cell.step(0.6 + v) == (v > 0));
            CHECK(cell.psi() == doctest::Approx(wanted.psi(std::fabs(v))).epsilon(2e-5).scale(0.1));
        }
    }
    CHECK_THROWS_WITH_AS(Cell("lif", {{"psi_slope", 3}}, 1),
                         doctest::Contains("psi_slope has no effect where psi is "
                                           "'fast_sigmoid_100'; leave it out"),
                         PluginError);
    CHECK_THROWS_WITH_AS(
        Cell("lif",
             {{"psi", synfire::testing::choice(description, "psi", "sigmoid")}, {"psi_width", 3}},
             1),
        doctest::Contains("psi_width has no effect where psi is 'sigmoid'"), PluginError);
}

TEST_CASE("alif is that of Bellec et al. with lif's reset") {
    for (const double hard : {0.0, 1.0}) {
        Cell cell("alif",
                  {{"leak", 2}, {"threshold", 0.7}, {"beta", 0.25}, {"rho", 0.9}, {"reset", hard}},
                  1);
        Random random(3, Stream::weights, 0, 0);
        const double keeps = 1 / (1 + std::exp(-2.0));
        double u = 0, a = 0;
        int spikes = 0, raised = 0;
        for (int t = 0; t < 2000; ++t) {
            const float input = random.uniform(-0.3f, 0.8f);
            u = keeps * u + double{input};
            const double limit = 0.7 + 0.25 * a;
            const bool fires = u > limit;
            if (std::fabs(u - limit) < 1e-5) break;  // too near for single precision
            raised += u > 0.7 && !fires;
            const double psi = 0.3 * std::max(0.0, 1 - std::fabs(u - limit));
            if (fires) u = hard > 0 ? 0 : u - 0.7;
            a = 0.9 * a + fires;
            spikes += fires;
            REQUIRE(cell.step(double{input}) == fires);
            CHECK(cell["u"] == doctest::Approx(u).epsilon(1e-5));
            CHECK(cell["a"] == doctest::Approx(a).epsilon(1e-5));
            CHECK(cell.psi() == doctest::Approx(psi).epsilon(1e-4));
        }
        CHECK(spikes > 100);
        CHECK(raised > 100);
    }
}

TEST_CASE("lif_homeostatic raises its threshold by its own spikes until it fires at a lower rate") {
    // V and theta by hand, through refractory periods in which input is lost.
    Cell cell("lif_homeostatic", {{"theta_plus", 1}, {"tau_theta", 500}, {"t_ref", 2.5}}, 1);
    Random random(4, Stream::weights, 0, 0);
    double v = 0, theta = 0;
    int held = 0, spikes = 0;
    for (int t = 0; t < 3000; ++t) {
        const double input = double{random.uniform(-1, 4)};
        theta *= std::exp(-1.0 / 500);
        const bool was_held = held > 0;
        if (was_held)
            --held;
        else
            v = v * std::exp(-1.0 / 100) + input;
        const double limit = 13 + theta;
        const bool fires = !was_held && v >= limit;
        const double psi = was_held ? 0 : 0.02 * std::max(0.0, 1 - std::fabs(v - limit) / 15);
        if (fires) v = 0, theta += 1, held = 3, ++spikes;
        REQUIRE(cell.step(input) == fires);
        CHECK(cell["V_m"] == doctest::Approx(v).epsilon(1e-9));
        CHECK(cell["theta"] == doctest::Approx(theta).epsilon(1e-9));
        CHECK(cell["refractory"] == held);
        CHECK(cell.psi() == doctest::Approx(psi).epsilon(1e-4).scale(0.01));
    }
    CHECK(spikes > 100);

    const auto& description =
        *synfire::testing::plugins().neuron("lif_homeostatic")->table->description;
    for (std::uint32_t i = 0; i < description.variable_count; ++i)
        CHECK((description.variables[i].flags == SYNFIRE_VARIABLE_KEPT) ==
              (description.variables[i].name == std::string("theta")));

    // As in the paper: theta hardly falls within a recording of half a second.
    Cell slow("lif_homeostatic", {}, 0.5);
    int early = 0, late = 0;
    for (int t = 0; t < 40000; ++t) {
        const bool fired = slow.step(0.35);
        early += fired && t < 10000;
        late += fired && t >= 30000;
    }
    CHECK(early > 1.5 * late);
    CHECK(late > 10);
    const double theta_now = slow["theta"];
    for (int t = 0; t < 1000; ++t) slow.step();
    CHECK(slow["theta"] == doctest::Approx(theta_now * std::exp(-500 / 1e7)).epsilon(1e-12));

    CHECK_THROWS_WITH_AS(Cell("lif_homeostatic", {{"E_L", -50}}, 1),
                         doctest::Contains("E_L has to be below V_th"), PluginError);
    CHECK_THROWS_WITH_AS(Cell("lif_homeostatic", {{"tau_theta", 50}}, 1),
                         doctest::Contains("tau_theta has to be at least tau_m"), PluginError);
    CHECK_THROWS_WITH_AS(Cell("lif_homeostatic", {{"V_reset", -50}}, 1),
                         doctest::Contains("V_reset has to be below V_th"), PluginError);
}
