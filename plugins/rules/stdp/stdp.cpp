// stdp: spike-timing dependent plasticity of all pairs of spikes, with the weight dependences of NEST's
// stdp_synapse (Guetig et al. 2003: additive with exponents 0, multiplicative with 1) and
// stdp_pl_synapse_hom (Morrison et al. 2007). The whole delay is dendritic.
//
// At a spike of the source, first every spike of the target that reached the synapse since the
// source's last one, the oldest first, strengthens it, then the source's spike weakens it:
//
//   guetig     w/w_max += lambda (1 - w/w_max)^mu_plus K+      at most 1
//              w/w_max -= alpha lambda (w/w_max)^mu_minus K-   at least 0
//   power_law  w += lambda w^mu_plus K+,   w -= alpha lambda w K-   at least 0
//
// K+ is the trace of the source's spikes (1 a spike, time constant tau_plus) at the target's spike, K-
// that of the target's (tau_minus) at the source's, without a spike that coincides. Weights are
// updated when the source fires and at no other time, so a silent source costs nothing.
#include <algorithm>
#include <array>
#include <cmath>
#include <synfire/rule.hpp>
#include <vector>

namespace {

namespace sdk = synfire::sdk;

constexpr const char* dependences[] = {"guetig", "power_law"};

class Stdp {
  public:
    static constexpr auto id = "stdp";
    static constexpr auto version = "1.0.0";
    static constexpr auto doc = "Spike-timing dependent plasticity of all pairs of spikes.";
    static constexpr sdk::Parameter parameters[] = {
        sdk::real("tau_plus", "ms", 20, sdk::above(0), "time constant of the source's trace"),
        sdk::real("tau_minus", "ms", 20, sdk::above(0), "time constant of the target's trace"),
        sdk::real("lambda", "", 0.01, sdk::at_least(0), "size of a change"),
        sdk::real("alpha", "", 1, sdk::at_least(0), "weakening relative to strengthening"),
        sdk::choice("dependence", dependences, 0, "how changes depend on the weight"),
        sdk::real("mu_plus", "", 0, sdk::at_least(0), "exponent of strengthening"),
        sdk::real("mu_minus", "", 0, sdk::at_least(0), "exponent of weakening (guetig)"),
        sdk::real("w_max", "", 100, sdk::above(0), "largest weight (guetig)"),
    };
    static constexpr std::array<sdk::Variable, 0> variables{};

    Stdp(const sdk::Values& p, const synfire_rule_site& site)
        : plus_(table(p["tau_plus"], site.dt_ms)),
          minus_(table(p["tau_minus"], site.dt_ms)),
          lambda_(p.real("lambda")),
          alpha_(p.real("alpha")),
          power_law_(p.choice<std::uint32_t>("dependence") == 1),
          mu_plus_(p.real("mu_plus")),
          mu_minus_(p.real("mu_minus")),
          w_max_(p.real("w_max")) {}

    std::uint32_t memory() const {
        return static_cast<std::uint32_t>(std::max(plus_.size(), minus_.size()));
    }
    float post_trace(float before, std::uint32_t ticks) const {
        return before * at(minus_, ticks) + 1.0f;
    }

    void row(synfire_plastic_row& row) const {
        if (!power_law_ && mu_plus_ == 0.0f && mu_minus_ == 0.0f)
            synfire::simd::run([&]() SYNFIRE_INLINE_LAMBDA { additive(row); });
        else
            by_weight(row);
        const auto since = static_cast<std::uint32_t>(row.tick - row.last_tick);
        *row.trace = *row.trace * at(plus_, since) + (row.spike ? 1.0f : 0.0f);
    }

  private:
    // e^(-k dt / tau) until it no longer counts.
    static std::vector<float> table(double tau, double dt) {
        std::vector<float> values;
        for (double k = 0; values.empty() || values.back() > 1e-12f; ++k)
            values.push_back(static_cast<float>(std::exp(-k * dt / tau)));
        values.push_back(0.0f);
        return values;
    }
    static float at(const std::vector<float>& table, std::uint32_t ticks) {
        return table[std::min<std::size_t>(ticks, table.size() - 1)];
    }

    // Strengthening does not depend on the weight, so all of an interval is one sum, and only its end
    // needs the bound.
    SYNFIRE_INLINE void additive(synfire_plastic_row& row) const {
        constexpr std::uint32_t block = 256;
        const std::int32_t from = row.last_tick - row.delay, to = row.tick - row.delay;
        const float up = lambda_ * w_max_ * *row.trace;
        const float down = row.spike ? alpha_ * lambda_ * w_max_ : 0.0f;
        const float* plus = plus_.data();
        const float* minus = minus_.data();
        const auto last_plus = static_cast<std::int32_t>(plus_.size() - 1);
        const auto last_minus = static_cast<std::int32_t>(minus_.size() - 1);
        alignas(64) float sum[block], kept[block];
        for (std::uint32_t begin = 0; begin < row.count; begin += block) {
            const std::uint32_t length = std::min(block, row.count - begin);
            const std::uint32_t* __restrict target = row.targets + begin;
            for (std::uint32_t k = 0; k < length; ++k) sum[k] = kept[k] = 0.0f;
            for (std::uint32_t n = 0; n < row.depth; ++n) {
                const std::int32_t* __restrict ticks = row.post_ticks + n * row.stride;
                const float* __restrict traces = row.post_traces + n * row.stride;
                std::int32_t more = 0;
                for (std::uint32_t k = 0; k < length; ++k) {
                    const std::int32_t t = ticks[target[k]];
                    const bool seen = t > from && t <= to;
                    const std::int32_t after = t - from;
                    const std::int32_t since_last = seen ? std::min(after, last_plus) : last_plus;
                    sum[k] += plus[since_last];
                    const bool before = t < to && kept[k] == 0.0f;
                    const std::int32_t since = before ? std::min(to - t, last_minus) : last_minus;
                    kept[k] += traces[target[k]] * minus[since];
                    more |= static_cast<std::int32_t>(t > from);
                }
                if (!more) break;
            }
            float* __restrict weights = row.weights + begin;
            for (std::uint32_t k = 0; k < length; ++k) {
                const float strengthened = weights[k] + up * sum[k];
                const float bounded = strengthened < w_max_ ? strengthened : w_max_;
                const float weakened = bounded - down * kept[k];
                weights[k] = weakened > 0.0f ? weakened : 0.0f;
            }
        }
    }

    void by_weight(synfire_plastic_row& row) const {
        const std::int32_t from = row.last_tick - row.delay, to = row.tick - row.delay;
        for (std::uint32_t k = 0; k < row.count; ++k) {
            const std::uint32_t i = row.targets[k];
            const std::int32_t* ticks = row.post_ticks + i;
            std::uint32_t n = 0;
            while (n < row.depth && ticks[n * row.stride] > from) ++n;
            double w = row.weights[k];
            for (std::uint32_t m = n; m-- > 0;)
                if (const std::int32_t t = ticks[m * row.stride]; t <= to)
                    w = strengthened(
                        w, *row.trace * at(plus_, static_cast<std::uint32_t>(t - from)));
            if (row.spike) {
                std::uint32_t m = 0;
                while (m < row.depth && ticks[m * row.stride] >= to) ++m;
                if (m < row.depth) {
                    const std::int64_t since = std::int64_t{to} - ticks[m * row.stride];
                    const auto ago = static_cast<std::uint32_t>(
                        std::min<std::int64_t>(since, UINT32_MAX));
                    w = weakened(w, row.post_traces[m * row.stride + i] * at(minus_, ago));
                }
            }
            row.weights[k] = static_cast<float>(w);
        }
    }
    double strengthened(double w, double trace) const {
        if (power_law_) return w + lambda_ * std::pow(w, mu_plus_) * trace;
        const double share = w / w_max_;
        return std::min(1.0, share + lambda_ * std::pow(1 - share, mu_plus_) * trace) * w_max_;
    }
    double weakened(double w, double trace) const {
        if (power_law_) return std::max(0.0, w - lambda_ * alpha_ * w * trace);
        const double share = w / w_max_;
        return std::max(0.0, share - alpha_ * lambda_ * std::pow(share, mu_minus_) * trace) *
               w_max_;
    }

    std::vector<float> plus_, minus_;
    float lambda_, alpha_;
    bool power_law_;
    float mu_plus_, mu_minus_, w_max_;
};

}  // namespace

SYNFIRE_RULE_PLUGIN(Stdp)
