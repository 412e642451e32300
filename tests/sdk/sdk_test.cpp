#include <doctest/doctest.h>

#include <cmath>
#include <synfire/math.hpp>
#include <synfire/neuron.hpp>
#include <synfire/random.hpp>

extern "C" std::uint32_t synfire_abi_version_seen_from_c(void);

TEST_CASE("C and C++ see the same ABI version") {
    CHECK(synfire_abi_version_seen_from_c() == SYNFIRE_ABI_VERSION);
}

TEST_CASE("math::exp is within 3e-7 of e^x and 0 far below") {
    double worst = 0;
    for (int i = -86000; i <= 87900; ++i) {
        const float x = static_cast<float>(i) * 1e-3f;
        const double exact = std::exp(static_cast<double>(x));
        worst = std::max(worst, std::fabs(synfire::math::exp(x) - exact) / exact);
    }
    CHECK(worst < 3e-7);
    CHECK(synfire::math::exp(-200.0f) == 0.0f);
    CHECK(synfire::math::exp(0.0f) == 1.0f);
}

TEST_CASE("math::exp in double precision is within 5e-16 of e^x") {
    double worst = 0;
    for (int i = -70800; i <= 70900; ++i) {
        const double x = i * 0.01 + 1e-7 * (i % 89);
        if (x < -708 || x > 709) continue;
        const long double exact = std::exp(static_cast<long double>(x));
        worst =
            std::max(worst, static_cast<double>(std::fabs(synfire::math::exp(x) - exact) / exact));
    }
    CHECK(worst < 5e-16);
    CHECK(synfire::math::exp(0.0) == 1.0);
    CHECK(synfire::math::exp(-1e300) == 0.0);
    CHECK(synfire::math::exp(1e300) == synfire::math::exp(709.0));
    CHECK(std::isnan(synfire::math::exp(std::nan(""))));
}

TEST_CASE("a chance is exact beyond the 32 bits of a draw") {
    using synfire::random::Chance;
    for (const double p : {1e-9, 1e-7, 1e-6, 1.0 / 3, 0.05, 0.999999, 1e-5, 3e-11, 1.0})
        CHECK(std::fabs(Chance(p).value() - p) <= 1e-9 * p);
    CHECK(Chance(0).value() == 0);
    // value() is the share of (own, shared) for which it happens.
    const Chance chance(1e-7);
    CHECK(chance.below == 429);
    for (const std::uint32_t shared : {0u, chance.rest - 1, chance.rest, 0xffffffffu}) {
        CHECK(chance.happens(428, shared));
        CHECK(chance.happens(429, shared) == (shared < chance.rest));
        CHECK_FALSE(chance.happens(430, shared));
    }
    CHECK_FALSE(Chance(0).happens(0, 0));
    CHECK(Chance(1).happens(0xfffffffeu, 0xffffffffu));
}

TEST_CASE("bits that a block shares are uniform, whatever the tick and the block") {
    double sum = 0;
    int below = 0;
    for (std::uint32_t number = 0; number < 100; ++number)
        for (std::int64_t tick = 0; tick < 1000; ++tick) {
            const std::uint32_t bits = synfire::random::draw_shared(7, tick, number);
            sum += bits * 0x1p-32;
            below += bits < 0x1p32 / 100;
        }
    CHECK(std::fabs(sum / 1e5 - 0.5) < 5 * std::sqrt(1.0 / 12 / 1e5));
    CHECK(std::abs(below - 1000) < 5 * std::sqrt(1000));
}

TEST_CASE("DecayTable holds powers of the factor") {
    const synfire::math::DecayTable table(0.9f);
    CHECK(table[0] == 1.0f);
    CHECK(table[1] == 0.9f);
    CHECK(table[20] == doctest::Approx(std::pow(0.9, 20)).epsilon(1e-5));
    CHECK(table[100000] == 0.0f);
}

TEST_CASE("Powers are accurate over the ends of their tables") {
    const double decay = std::exp(-0.005);
    const synfire::math::Powers<double> powers(decay);
    for (const std::uint32_t k : {1u, 255u, 256u, 257u, 511u, 512u, 5000u, 9000u})
        CHECK(powers[k] == doctest::Approx(std::exp(-0.005 * k)).epsilon(1e-12));
    CHECK(powers[20000] == 0.0);
}

TEST_CASE("DecayTable continues slow decays beyond its length") {
    const synfire::math::DecayTable table(0.99999f);
    CHECK(table[100000] == doctest::Approx(std::pow(0.99999f, 100000)).epsilon(1e-3));
    CHECK(synfire::math::DecayTable(1.0f)[1000000] == 1.0f);
    CHECK(synfire::math::DecayTable(0.0f)[0] == 1.0f);
    CHECK(synfire::math::DecayTable(0.0f)[1] == 0.0f);
}

namespace {

// Fires when the input is above the parameter; counts how often it was advanced.
class Probe : public synfire::sdk::Neuron<float, double, std::uint32_t> {
  public:
    static constexpr auto id = "probe";
    static constexpr auto version = "1.0.0";
    static constexpr auto doc = "for tests";
    static constexpr synfire::sdk::Parameter parameters[] = {
        synfire::sdk::real("threshold", "", 0.5, synfire::sdk::above(0), "fires above")};
    static constexpr synfire::sdk::Variable variables[] = {
        variable(0, "last", "", 0, "last input"), variable(1, "sum", "", 0, "sum of inputs"),
        variable(2, "count", "", 0, "ticks")};
    Probe(const synfire::sdk::Values& values, double) : threshold_(values.real("threshold")) {
        if (threshold_ > 100) throw std::invalid_argument("threshold above 100");
    }
    bool advance(float& last, double& sum, std::uint32_t& count, float input, float& psi) const {
        last = input;
        sum += input;
        ++count;
        psi = 2 * input;
        return input > threshold_;
    }

  private:
    float threshold_;
};

struct ProbeState {
    float last[600] = {};
    double sum[600] = {};
    std::uint32_t count[600] = {};
    void* columns[3] = {last, sum, count};
};

}  // namespace

TEST_CASE("a sweep and a list of all neurons give the same state and spikes") {
    const synfire_neuron& table = synfire::sdk::neuron_table<Probe>;
    CHECK(table.flags == SYNFIRE_NEURON_SPIKES);
    CHECK((table.decay == nullptr));
    const double values[] = {0.5};
    void* instance = nullptr;
    REQUIRE(table.create(nullptr, values, 1.0, &instance) == SYNFIRE_OK);
    float input[600], psi[600];
    std::uint32_t index[600], spikes[2][600];
    for (std::uint32_t i = 0; i < 600; ++i) {
        input[i] = static_cast<float>(i % 7) / 7;
        index[i] = i;
    }
    ProbeState state[2];
    std::uint32_t counts[2];
    for (int listed = 0; listed < 2; ++listed) {
        synfire_neuron_slice slice{sizeof slice,
                                   600,
                                   0,
                                   listed ? index : nullptr,
                                   state[listed].columns,
                                   input,
                                   psi,
                                   spikes[listed],
                                   0,
                                   0,
                                   0,
                                   nullptr,
                                   nullptr};
        REQUIRE(table.advance(instance, &slice) == SYNFIRE_OK);
        counts[listed] = slice.spike_count;
    }
    CHECK(counts[0] == counts[1]);
    CHECK(counts[0] > 0);
    for (std::uint32_t k = 0; k < counts[0]; ++k) {
        CHECK(spikes[0][k] == spikes[1][k]);
        CHECK(input[spikes[0][k]] > 0.5f);
    }
    for (int i = 0; i < 600; ++i) {
        CHECK(state[0].sum[i] == state[1].sum[i]);
        CHECK(state[0].count[i] == 1);
        CHECK(psi[i] == 2 * input[i]);
    }
    table.destroy(instance);
}

TEST_CASE("what a plugin's constructor throws reaches the host as a report") {
    static std::string reported;
    const synfire_host host{sizeof host, SYNFIRE_ABI_VERSION, nullptr,
                            [](void*, std::int32_t, const char* text) { reported = text; },
                            nullptr};
    const double values[] = {101};
    void* instance = nullptr;
    CHECK(synfire::sdk::neuron_table<Probe>.create(&host, values, 1.0, &instance) ==
          SYNFIRE_FAILED);
    CHECK(reported == "threshold above 100");
}

namespace {

// Its constant is no number where the parameter is 0.
class Quotient : public synfire::sdk::Neuron<float> {
  public:
    static constexpr auto id = "quotient";
    static constexpr auto version = "1.0.0";
    static constexpr auto doc = "for tests";
    static constexpr bool has_psi = true;
    static constexpr synfire::sdk::Parameter parameters[] = {
        synfire::sdk::real("scale", "", 1, synfire::sdk::any(), "0 / 0 at 0"),
        synfire::sdk::real("slope", "", 1, synfire::sdk::any(), "of psi, 1 / 0 at 0")};
    static constexpr synfire::sdk::Variable variables[] = {variable(0, "sum", "", 0, "of inputs")};
    Quotient(const synfire::sdk::Values& values, double)
        : scale_(values.real("scale") / values.real("scale")), slope_(1 / values.real("slope")) {}
    bool advance(float& sum, float input, float& psi) const {
        sum += scale_ * input;
        psi = slope_;
        return false;
    }

  private:
    float scale_, slope_;
};

}  // namespace

TEST_CASE("parameters that make state or psi no number are refused before the first tick") {
    static std::string reported;
    const synfire_host host{sizeof host, SYNFIRE_ABI_VERSION, nullptr,
                            [](void*, std::int32_t, const char* text) { reported = text; },
                            nullptr};
    const auto& table = synfire::sdk::neuron_table<Quotient>;
    auto created = [&](double scale, double slope) {
        const double values[] = {scale, slope};
        void* instance = nullptr;
        const bool ok = table.create(&host, values, 1.0, &instance) == SYNFIRE_OK;
        if (ok) table.destroy(instance);
        return ok;
    };
    CHECK(created(1, 1));
    CHECK_FALSE(created(0, 1));
    CHECK(reported == "these parameters and dt_ms make sum infinite or no number");
    CHECK_FALSE(created(1, 0));
    CHECK(reported == "these parameters and dt_ms make psi infinite or no number");
}
