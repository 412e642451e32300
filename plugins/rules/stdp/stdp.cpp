// stdp: spike-timing dependent plasticity of all pairs of spikes, with the weight dependences of
// NEST's stdp_synapse (Guetig et al. 2003: additive with exponents 0, multiplicative with 1) and
// stdp_pl_synapse_hom (Morrison et al. 2007). The whole delay is dendritic.
//
// At a spike of the source, first every spike of the target that reached the synapse since the
// source's last one, the oldest first, strengthens it, then the source's spike weakens it:
//
//   guetig     w/w_max += lambda (1 - w/w_max)^mu_plus K+      at most 1
//              w/w_max -= alpha lambda (w/w_max)^mu_minus K-   at least 0
//   power_law  w += lambda w^mu_plus K+,   w -= alpha lambda w K-   at least 0
//
// K+ is the trace of the source's spikes (1 a spike, time constant tau_plus) at the target's spike,
// K- that of the target's (tau_minus) at the source's, without a spike that coincides. A weight
// changes nothing before the source's next spike, so that is when it is worked out, or when
// somebody reads it: a silent source costs nothing.
//
// w is the size of the weight. Its sign stays, also where the size falls to 0; one that begins at 0
// gets the sign of w_max as it grows. Weights are kept in single precision.
//
// With weight_sum, the weights that lead to a neuron compete in training (Diehl and Cook 2015 keep
// their sum): what some gain, all lose in proportion.
#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <synfire/fired.hpp>
#include <synfire/rule.hpp>
#include <vector>

namespace {

namespace sdk = synfire::sdk;

constexpr const char* dependences[] = {"guetig", "power_law"};

class Stdp {
  public:
    static constexpr auto id = "stdp";
    static constexpr auto version = "1.0.0";
    static constexpr auto doc =
        "Spike-timing dependent plasticity of all pairs of spikes. The size of a weight changes, "
        "from 0 "
        "to that of w_max, or from 0 up (power_law); its sign stays. A target's spike strengthens "
        "as it "
        "reaches the synapse, delay_ticks later, a source's weakens at once.";
    static constexpr sdk::Parameter parameters[] = {
        sdk::real("tau_plus", "ms", 20, sdk::above(0), "time constant of the source's trace"),
        sdk::real("tau_minus", "ms", 20, sdk::above(0), "time constant of the target's trace"),
        sdk::real("lambda", "", 0.01, sdk::at_least(0), "size of a change"),
        sdk::real("alpha", "", 1, sdk::at_least(0), "weakening relative to strengthening"),
        sdk::choice("dependence", dependences, 0, "how changes depend on the weight"),
        sdk::real("mu_plus", "", 0, sdk::at_least(0), "exponent of strengthening"),
        sdk::real("mu_minus", "", 0, sdk::at_least(0), "exponent of weakening (guetig)"),
        sdk::real(
            "w_max", "", 100, sdk::any(),
            "size of a weight at most (guetig); below 0, weights that begin at 0 are inhibitory"),
        sdk::real("weight_sum", "", 0, sdk::at_least(0),
                  "in training, what the sizes of the weights that lead to a neuron are scaled to "
                  "sum to after each batch that changes any; 0: they are not"),
    };
    enum Variable { trace_pre, trace_post };
    static constexpr sdk::Variable variables[] = {
        sdk::column<float>(SYNFIRE_PER_PRE, "K_plus", 0, "trace of the source's spikes"),
        sdk::column<float>(SYNFIRE_PER_POST, "K_minus", 0, "trace of the target's spikes"),
    };
    static constexpr bool needs_target_spikes = true, idle_without_target = true, keeps_sign = true;

    Stdp(const sdk::Values& p, const synfire_rule_site& site)
        : plus_(p["tau_plus"], site.dt_ms),
          minus_(p["tau_minus"], site.dt_ms),
          lambda_(p.real("lambda")),
          alpha_(p.real("alpha")),
          power_law_(p.choice<std::uint32_t>("dependence") == 1),
          mu_plus_(p.real("mu_plus")),
          mu_minus_(p.real("mu_minus")),
          w_max_(std::fabs(p.real("w_max"))),
          inhibits_(p.real("w_max") < 0),
          weight_sum_(p["weight_sum"]) {
        if (w_max_ == 0.0f)
            throw std::invalid_argument("w_max has to be above 0, or below 0 for inhibition");
    }

    // Of weights as they are kept, in single precision.
    sdk::WeightRange weight_range() const {
        const float most = power_law_ ? std::numeric_limits<float>::max() : w_max_;
        return {-most, most};
    }

    double weight_sum() const { return weight_sum_; }

    std::uint32_t memory() const {
        return static_cast<std::uint32_t>(std::max(plus_.end, minus_.end));
    }
    void post_spike(float* values, std::uint32_t ticks) const {
        *values = *values * minus_.over(limited(ticks)) + 1.0f;
    }

    void row(synfire_plastic_row& row) const {
        if (!power_law_ && mu_plus_ == 0.0f && mu_minus_ == 0.0f)
            additive(row);
        else
            by_weight(row);
        const auto since = static_cast<std::uint32_t>(row.tick - row.last_tick);
        float& trace = *row.state[trace_pre];
        trace = trace * plus_.over(limited(since)) + (row.spike ? 1.0f : 0.0f);
    }

  private:
    static constexpr std::uint32_t block = 256;  // synapses at a time

    // What k ticks leave of a trace, e^(-k dt / tau); 0 where it no longer counts.
    struct Decay {
        Decay(double tau, double dt)
            : halvings(static_cast<float>(dt / tau / std::log(2.0))),
              end(static_cast<std::int32_t>(std::min(std::ceil(tau / dt * 12 * std::log(10.0)),
                                                     static_cast<double>(1 << 28)))) {}

        // 2^-x by the nearest whole number and a polynomial, relative error below 3e-6. Any number
        // for ticks < 0.
        SYNFIRE_INLINE float over(std::int32_t ticks) const {
            const std::int32_t k = std::min(ticks, end);
            const float x = halvings * static_cast<float>(k);
            const float shifted = x + 12582912.0f;  // its lowest bits are the whole number
            const float r = (shifted - 12582912.0f) - x;
            float p = 1.3333558e-3f;
            p = p * r + 9.6181291e-3f;
            p = p * r + 5.5504109e-2f;
            p = p * r + 2.4022651e-1f;
            p = p * r + 6.9314718e-1f;
            p = p * r + 1.0f;
            const std::uint32_t scale =
                std::bit_cast<std::uint32_t>(p) - (std::bit_cast<std::uint32_t>(shifted) << 23);
            return k < end ? std::bit_cast<float>(scale) : 0.0f;
        }

        float halvings;
        std::int32_t end;
    };
    static std::int32_t limited(std::uint32_t ticks) {
        return static_cast<std::int32_t>(std::min(ticks, 1u << 30));
    }

    // Some synapses: their targets, the tick of the spike of each target that is looked at, and
    // sums of the source's trace at the spikes that were.
    struct Lane {
        alignas(64) std::uint32_t target[block + 16];  // room for whole vectors
        alignas(64) std::int32_t tick[block + 16];
        alignas(64) float plus[block + 16];
    };
    struct Interval {
        std::int32_t from, to;  // after the one, up to the other
    };

    // Strengthening does not depend on the weight, so all of an interval is one sum, and only its
    // end needs the bound.
    void additive(synfire_plastic_row& row) const {
        const Interval interval{row.last_tick - row.delay, row.tick - row.delay};
        const float up = lambda_ * w_max_ * *row.state[trace_pre];
        const float down = row.spike ? alpha_ * lambda_ * w_max_ : 0.0f;
        // Of the synapses that look at a target's last spike, the one before it, and so on.
        thread_local std::vector<Lane> kept;
        if (kept.size() < row.depth) kept.resize(row.depth);
        Lane* const lanes = kept.data();
        alignas(64) float minus[block + 16];
        for (std::uint32_t begin = 0; begin < row.count; begin += block) {
            const std::uint32_t length = std::min(block, row.count - begin);
            const std::uint32_t* const target = row.targets + begin;
            sum_up<true>(row, interval, 0, target, length, lanes);
            if (row.spike)
                weakening(row, target, lanes[0].tick, interval.to, length, minus);
            else
                std::fill_n(minus, length, 0.0f);
            apply({up, down, w_max_, inhibits_, lanes[0].plus, minus}, row.weights + begin, length);
        }
    }

    // Of some synapses: how much of `up`, then of `down`.
    struct AdditiveChange {
        float up, down, w_max;
        bool inhibits;
        const float *plus, *minus;
    };
    static void apply(const AdditiveChange& change, float* to, std::uint32_t count) {
        synfire::simd::run([&]() SYNFIRE_INLINE_LAMBDA {
            const auto [up, down, w_max, inhibits, given_plus, given_minus] = change;
            const std::uint32_t length = count;
            float* __restrict weights = to;
            const float* __restrict plus = given_plus;
            const float* __restrict minus = given_minus;
            for (std::uint32_t k = 0; k < length; ++k) {
                const float w = weights[k];
                const float strengthened = std::fabs(w) + up * plus[k];
                const float bounded = strengthened < w_max ? strengthened : w_max;
                const float weakened = bounded - down * minus[k];
                weights[k] =
                    std::copysign(weakened > 0.0f ? weakened : 0.0f,
                                  ((w == 0.0f) & (weakened > 0.0f) & inhibits) ? -1.0f : w);
            }
        });
    }

    // Looks at the n-th last spike of the targets, then, where there may be more, at those before.
    template <bool First>
    void sum_up(const synfire_plastic_row& row, Interval interval, std::uint32_t n,
                const std::uint32_t* target, std::uint32_t count, Lane* lanes) const {
        Lane& lane = lanes[n];
        const std::int32_t* const ticks = row.post_ticks + n * row.stride;
        synfire::simd::run([&]() SYNFIRE_INLINE_LAMBDA {
            const auto [from, to] = interval;
            const Decay trace = plus_;
            const std::size_t length = count;
            std::int32_t* __restrict tick = lane.tick;
            float* __restrict plus = lane.plus;
            for (std::size_t k = 0; k < length; ++k) tick[k] = ticks[target[k]];
            for (std::size_t k = 0; k < length; ++k) {
                const float left = trace.over(tick[k] - from);
                const bool in = (tick[k] > from) & (tick[k] <= to);
                const float seen = in ? left : 0.0f;
                plus[k] = First ? seen : plus[k] + seen;
            }
        });
        if (n + 1 == row.depth) return;
        const std::uint32_t more = pack(lane, target, interval.from, count, lanes[n + 1]);
        if (more == 0) return;
        sum_up<false>(row, interval, n + 1, lanes[n + 1].target, more, lanes);
        unpack(lanes[n + 1], interval.from, count, lane);
    }

    // The synapses whose target may have fired before what was looked at, one after the other.
    static std::uint32_t pack(const Lane& lane, const std::uint32_t* target, std::int32_t from,
                              std::uint32_t count, Lane& packed) {
#if defined(__x86_64__)
        if (synfire::simd::isa() == synfire::simd::Isa::avx512)
            return pack_avx512(lane, target, from, count, packed);
#endif
        std::uint32_t some = 0;
        for (std::uint32_t k = 0; k < count; ++k) {
            packed.target[some] = target[k];
            packed.plus[some] = lane.plus[k];
            some += lane.tick[k] > from ? 1 : 0;
        }
        return some;
    }
    // Their sums, put back.
    static void unpack(const Lane& packed, std::int32_t from, std::uint32_t count, Lane& lane) {
#if defined(__x86_64__)
        if (synfire::simd::isa() == synfire::simd::Isa::avx512)
            return unpack_avx512(packed, from, count, lane);
#endif
        std::uint32_t some = 0;
        for (std::uint32_t k = 0; k < count; ++k) {
            const bool looked_on = lane.tick[k] > from;
            lane.plus[k] = looked_on ? packed.plus[some] : lane.plus[k];
            some += looked_on ? 1 : 0;
        }
    }

#if defined(__x86_64__)
    SYNFIRE_TARGET_AVX512 static std::uint32_t pack_avx512(const Lane& lane,
                                                           const std::uint32_t* target,
                                                           std::int32_t from, std::uint32_t count,
                                                           Lane& packed) {
        std::uint32_t some = 0;
        for (std::uint32_t k = 0; k < count; k += 16) {
            const __mmask16 mask = looked_on(lane, from, count, k);
            const __m512i targets = _mm512_maskz_loadu_epi32(mask, target + k);
            _mm512_storeu_si512(packed.target + some, _mm512_maskz_compress_epi32(mask, targets));
            _mm512_storeu_ps(packed.plus + some,
                             _mm512_maskz_compress_ps(mask, _mm512_load_ps(lane.plus + k)));
            some += static_cast<std::uint32_t>(__builtin_popcount(mask));
        }
        return some;
    }
    SYNFIRE_TARGET_AVX512 static void unpack_avx512(const Lane& packed, std::int32_t from,
                                                    std::uint32_t count, Lane& lane) {
        std::uint32_t some = 0;
        for (std::uint32_t k = 0; k < count; k += 16) {
            const __mmask16 mask = looked_on(lane, from, count, k);
            _mm512_store_ps(lane.plus + k,
                            _mm512_mask_expand_ps(_mm512_load_ps(lane.plus + k), mask,
                                                  _mm512_loadu_ps(packed.plus + some)));
            some += static_cast<std::uint32_t>(__builtin_popcount(mask));
        }
    }
    SYNFIRE_TARGET_AVX512 static __mmask16 looked_on(const Lane& lane, std::int32_t from,
                                                     std::uint32_t count, std::uint32_t k) {
        const auto valid =
            static_cast<__mmask16>(count - k >= 16 ? 0xffffu : (1u << (count - k)) - 1);
        return _mm512_mask_cmpgt_epi32_mask(valid, _mm512_load_si512(lane.tick + k),
                                            _mm512_set1_epi32(from));
    }
#endif

    // The targets' traces at a tick, without spikes at it; `last` is when they fired last.
    void weakening(const synfire_plastic_row& row, const std::uint32_t* target,
                   const std::int32_t* last, std::int32_t tick, std::uint32_t count,
                   float* minus) const {
        alignas(64) std::uint32_t late[block + 16];
        alignas(64) std::uint32_t list[block + 16];
        synfire::simd::run([&]() SYNFIRE_INLINE_LAMBDA {
            const Decay trace = minus_;
            const std::int32_t now = tick;
            const std::size_t length = count;
            const float* __restrict traces = row.post_state[trace_post];
            float* __restrict to = minus;
            std::uint32_t* __restrict coincides = late;
            for (std::size_t k = 0; k < length; ++k) to[k] = traces[target[k]];
            for (std::size_t k = 0; k < length; ++k) {
                const float left = trace.over(now - last[k]);
                to[k] *= left;
                coincides[k] = last[k] >= now ? 1 : 0;
            }
        });
        const std::uint32_t some = sdk::detail::list_fired(late, count, 0, list, 0);
        for (std::uint32_t q = 0; q < some; ++q)
            minus[list[q]] = trace_before(row, target[list[q]], tick);
    }

    // The trace of target i at a tick, without a spike at it.
    float trace_before(const synfire_plastic_row& row, std::uint32_t i, std::int32_t tick) const {
        std::uint32_t n = 0;
        while (n < row.depth && row.post_ticks[n * row.stride + i] >= tick) ++n;
        if (n == row.depth) return 0.0f;
        return row.post_state[trace_post][n * row.stride + i] *
               minus_.over(tick - row.post_ticks[n * row.stride + i]);
    }

    void by_weight(synfire_plastic_row& row) const {
        const std::int32_t from = row.last_tick - row.delay, to = row.tick - row.delay;
        for (std::uint32_t k = 0; k < row.count; ++k) {
            const std::uint32_t i = row.targets[k];
            const std::int32_t* ticks = row.post_ticks + i;
            std::uint32_t n = 0;
            while (n < row.depth && ticks[n * row.stride] > from) ++n;
            const float before = row.weights[k];
            double w = std::fabs(row.weights[k]);
            for (std::uint32_t m = n; m-- > 0;)
                if (const std::int32_t t = ticks[m * row.stride]; t <= to)
                    w = strengthened(w, *row.state[trace_pre] * plus_.over(t - from));
            if (row.spike) w = weakened(w, trace_before(row, i, to));
            row.weights[k] = std::copysign(static_cast<float>(w),
                                           before == 0.0f && w > 0 && inhibits_ ? -1.0f : before);
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
        const double left = share - alpha_ * lambda_ * std::pow(share, mu_minus_) * trace;
        return left > 0 ? left * w_max_ : 0.0;
    }

    Decay plus_, minus_;
    float lambda_, alpha_;
    bool power_law_;
    float mu_plus_, mu_minus_, w_max_;
    bool inhibits_;  // weights that begin at 0
    double weight_sum_;
};

}  // namespace

SYNFIRE_RULE_PLUGIN(Stdp)
