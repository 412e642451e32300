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
// K- that of the target's (tau_minus) at the source's, without a spike that coincides. Weights are
// updated when the source fires and at no other time, so a silent source costs nothing.
#if defined(__x86_64__)
#include <immintrin.h>
#endif

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
            additive(row);
        else
            by_weight(row);
        const auto since = static_cast<std::uint32_t>(row.tick - row.last_tick);
        *row.trace = *row.trace * at(plus_, since) + (row.spike ? 1.0f : 0.0f);
    }

  private:
    static constexpr std::uint32_t block = 512;  // synapses at a time

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

    // What a block of synapses adds up to: sums of the source's trace at the targets' spikes, and
    // the targets' traces at the source's.
    struct Sums {
        alignas(64) float plus[block], minus[block];
        alignas(64) std::uint32_t list[block + 16], late[block + 16];  // room for whole vectors
        std::uint32_t late_count = 0;
    };

    // Strengthening does not depend on the weight, so all of an interval is one sum, and only its
    // end needs the bound.
    void additive(synfire_plastic_row& row) const {
        const std::int32_t to = row.tick - row.delay;
        const float up = lambda_ * w_max_ * *row.trace;
        const float down = row.spike ? alpha_ * lambda_ * w_max_ : 0.0f;
        Sums sums;
        for (std::uint32_t begin = 0; begin < row.count; begin += block) {
            const std::uint32_t length = std::min(block, row.count - begin);
            const std::uint32_t* target = row.targets + begin;
            sum_up(row, target, length, sums);
            for (std::uint32_t q = 0; q < sums.late_count; ++q)
                sums.minus[sums.late[q]] = trace_before(row, target[sums.late[q]], to);
            float* __restrict weights = row.weights + begin;
            const float w_max = w_max_;
            synfire::simd::run([&]() SYNFIRE_INLINE_LAMBDA {
                for (std::uint32_t k = 0; k < length; ++k) {
                    const float strengthened = weights[k] + up * sums.plus[k];
                    const float bounded = strengthened < w_max ? strengthened : w_max;
                    const float weakened = bounded - down * sums.minus[k];
                    weights[k] = weakened > 0.0f ? weakened : 0.0f;
                }
            });
        }
    }

    // Spikes of targets are looked at from the last back; synapses that have to look at the one
    // before are kept as a list. `late` lists those whose last spike is not before the source's.
    void sum_up(const synfire_plastic_row& row, const std::uint32_t* target, std::uint32_t length,
                Sums& sums) const {
#if defined(__x86_64__)
        if (synfire::simd::isa() == synfire::simd::Isa::avx512)
            return sum_up_avx512(row, target, length, sums);
#endif
        const std::int32_t from = row.last_tick - row.delay, to = row.tick - row.delay;
        const auto last_plus = static_cast<std::int32_t>(plus_.size() - 1);
        auto strengthening = [&](std::int32_t t) {
            const bool seen = t > from && t <= to;
            return plus_[static_cast<std::size_t>(seen ? std::min(t - from, last_plus)
                                                       : last_plus)];
        };
        std::uint32_t listed = 0;
        sums.late_count = 0;
        for (std::uint32_t k = 0; k < length; ++k) {
            const std::int32_t t = row.post_ticks[target[k]];
            sums.plus[k] = strengthening(t);
            sums.minus[k] = trace_at(row, target[k], 0, to);
            sums.list[listed] = sums.late[sums.late_count] = k;
            listed += t > from ? 1 : 0;
            sums.late_count += t >= to ? 1 : 0;
        }
        for (std::uint32_t n = 1; n < row.depth && listed > 0; ++n) {
            const std::int32_t* ticks = row.post_ticks + n * row.stride;
            std::uint32_t still = 0;
            for (std::uint32_t q = 0; q < listed; ++q) {
                const std::uint32_t k = sums.list[q];
                const std::int32_t t = ticks[target[k]];
                sums.plus[k] += strengthening(t);
                sums.list[still] = k;
                still += t > from ? 1 : 0;
            }
            listed = still;
        }
    }

#if defined(__x86_64__)
    // The same with gathers, sixteen synapses at a time: the same operations on every one of them.
    SYNFIRE_TARGET_AVX512 void sum_up_avx512(const synfire_plastic_row& row,
                                             const std::uint32_t* target, std::uint32_t length,
                                             Sums& sums) const {
        const __m512i from = _mm512_set1_epi32(row.last_tick - row.delay);
        const __m512i to = _mm512_set1_epi32(row.tick - row.delay);
        const __m512i last_plus = _mm512_set1_epi32(static_cast<int>(plus_.size() - 1));
        const __m512i last_minus = _mm512_set1_epi32(static_cast<int>(minus_.size() - 1));
        const __m512i lane =
            _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
        const float* plus = plus_.data();
        const float* minus = minus_.data();
        std::uint32_t listed = 0;
        sums.late_count = 0;
        for (std::uint32_t k = 0; k < length; k += 16) {
            const __mmask16 some = tail(length - k);
            const __m512i zero = _mm512_setzero_si512();
            const __m512i i = _mm512_maskz_loadu_epi32(some, target + k);
            const __m512i t = _mm512_mask_i32gather_epi32(zero, some, i, row.post_ticks, 4);
            const __mmask16 after = _mm512_mask_cmpgt_epi32_mask(some, t, from);
            const __mmask16 seen = _mm512_mask_cmple_epi32_mask(after, t, to);
            const __m512i since_last =
                _mm512_mask_min_epi32(last_plus, seen, _mm512_sub_epi32(t, from), last_plus);
            _mm512_store_ps(sums.plus + k, look_up(since_last, plus));
            const __mmask16 before = _mm512_mask_cmplt_epi32_mask(some, t, to);
            const __m512i since =
                _mm512_mask_min_epi32(last_minus, before, _mm512_sub_epi32(to, t), last_minus);
            const __m512 trace =
                _mm512_mask_i32gather_ps(_mm512_setzero_ps(), some, i, row.post_traces, 4);
            _mm512_store_ps(sums.minus + k, _mm512_mul_ps(trace, look_up(since, minus)));
            const __m512i number = _mm512_add_epi32(_mm512_set1_epi32(static_cast<int>(k)), lane);
            const __mmask16 late = static_cast<__mmask16>(some & ~before);
            _mm512_storeu_si512(sums.list + listed, _mm512_maskz_compress_epi32(after, number));
            _mm512_storeu_si512(sums.late + sums.late_count,
                                _mm512_maskz_compress_epi32(late, number));
            listed += static_cast<std::uint32_t>(__builtin_popcount(after));
            sums.late_count += static_cast<std::uint32_t>(__builtin_popcount(late));
        }
        for (std::uint32_t n = 1; n < row.depth && listed > 0; ++n) {
            const std::int32_t* ticks = row.post_ticks + n * row.stride;
            std::uint32_t still = 0;
            for (std::uint32_t q = 0; q < listed; q += 16) {
                const __mmask16 some = tail(listed - q);
                const __m512i zero = _mm512_setzero_si512();
                const __m512i k = _mm512_maskz_loadu_epi32(some, sums.list + q);
                const __m512i i = _mm512_mask_i32gather_epi32(zero, some, k, target, 4);
                const __m512i t = _mm512_mask_i32gather_epi32(zero, some, i, ticks, 4);
                const __mmask16 after = _mm512_mask_cmpgt_epi32_mask(some, t, from);
                const __mmask16 seen = _mm512_mask_cmple_epi32_mask(after, t, to);
                const __m512i since_last =
                    _mm512_mask_min_epi32(last_plus, seen, _mm512_sub_epi32(t, from), last_plus);
                const __m512 sum =
                    _mm512_mask_i32gather_ps(_mm512_setzero_ps(), some, k, sums.plus, 4);
                _mm512_mask_i32scatter_ps(sums.plus, some, k,
                                          _mm512_add_ps(sum, look_up(since_last, plus)), 4);
                _mm512_storeu_si512(sums.list + still, _mm512_maskz_compress_epi32(after, k));
                still += static_cast<std::uint32_t>(__builtin_popcount(after));
            }
            listed = still;
        }
    }
    SYNFIRE_TARGET_AVX512 static __m512 look_up(__m512i index, const float* table) {
        return _mm512_mask_i32gather_ps(_mm512_setzero_ps(), __mmask16{0xffff}, index, table, 4);
    }
    static __mmask16 tail(std::uint32_t left) {
        return left >= 16 ? __mmask16{0xffff} : static_cast<__mmask16>((1u << left) - 1);
    }
#endif

    // What the trace that target i had after its n-th last spike, if that was before, is at a tick.
    float trace_at(const synfire_plastic_row& row, std::uint32_t i, std::size_t n,
                   std::int32_t tick) const {
        const std::int32_t t = row.post_ticks[n * row.stride + i];
        const auto last = static_cast<std::int32_t>(minus_.size() - 1);
        const std::int32_t since = t < tick ? std::min(tick - t, last) : last;
        return row.post_traces[n * row.stride + i] * minus_[static_cast<std::size_t>(since)];
    }
    // The trace of target i at a tick, without a spike at it.
    float trace_before(const synfire_plastic_row& row, std::uint32_t i, std::int32_t tick) const {
        std::uint32_t n = 0;
        while (n < row.depth && row.post_ticks[n * row.stride + i] >= tick) ++n;
        return n < row.depth ? trace_at(row, i, n, tick) : 0.0f;
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
                    w = strengthened(w,
                                     *row.trace * at(plus_, static_cast<std::uint32_t>(t - from)));
            if (row.spike) w = weakened(w, trace_before(row, i, to));
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
