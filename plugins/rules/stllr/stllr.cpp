// stllr: the three-factor rule S-TLLR (Apolinario and Roy, TMLR 2025, eq. 7 to 11).
//
//   e_ij[t] = alpha_pre Psi(u_i[t]) tr_j[t] + alpha_post x_j[t] q_i[t-1]
//   tr_j[t] = lambda_pre tr_j[t-1] + x_j[t]        q_i[t] = lambda_post q_i[t-1] + Psi(u_i[t])
//   gradient_ij = sum over the learning window of signal_i[t] e_ij[t]
//
// The sum is formed by events. Write g_i[t] = alpha_pre signal_i[t] Psi_i[t], c_i[t] = alpha_post
// signal_i[t] q_i[t-1], L = lambda_pre, and let a stretch of ticks begin at a. With
//
//   H_i[t] = sum over a <= u <= t of L^(u-a) g_i[u]
//
// (`prefix` keeps it without the factor alpha_pre) the causal term of a stretch that ends at b is,
// exactly,
//
//   sum over t of g_i[t] tr_j[t] = L^-(b-a) tr_j[b] H_i[b] - sum over spikes s of L^-(s-a) H_i[s-1]
//
// so a spike of j at s brings the row c[s] - L^-(s-a) H[s-1], and the end of a stretch one outer
// product. State is O(neurons), whatever the length of sample and window. A stretch ends before
// L^-(b-a) exceeds 32, so that the difference costs at most five bits; with L = 1 it never ends,
// the factors are 1, tr_j[b] is how often j has fired, and the product completes the rows that
// wait. With L = 0 the trace is the spike itself and brings g[s] + c[s].
//
// H is a sum of many terms, of which later ones may be far smaller than earlier ones, so it is
// summed with compensation (Kahan; `rest` is what the last addition lost). It begins at the
// sample's first spike: what came before belongs to no synapse, and would only be subtracted from
// itself.
//
// Onto a readout (Psi = 1, no post-synaptic trace) the rule is that of the authors' last layer:
// the gradient times a trace of the input that decays by readout_trace.
#include <algorithm>
#include <synfire/rule.hpp>

namespace {

namespace sdk = synfire::sdk;

class Stllr {
    enum Column { trace_pre, trace_post, prefix, rest, power, driven };
    static constexpr float least_power = 1.0f / 32;

  public:
    static constexpr auto id = "stllr";
    static constexpr auto version = "1.4.0";
    static constexpr bool joins = true;
    static constexpr auto doc =
        "S-TLLR: three-factor rule local in time; memory independent of the sample's length.";
    static constexpr sdk::Parameter parameters[] = {
        sdk::real("lambda_post", "", 0.5, sdk::between(0, 1),
                  "decay of the trace of Psi, a tick (non-causal term)"),
        sdk::real("lambda_pre", "", 1.0, sdk::between(0, 1),
                  "decay of the trace of input spikes, a tick (causal term)"),
        sdk::real("alpha_post", "", 1.0, sdk::any(), "weight of the non-causal term"),
        sdk::real("alpha_pre", "", 1.0, sdk::any(), "weight of the causal term"),
        sdk::real("readout_trace", "", 0.99, sdk::between(0, 1),
                  "decay of the trace of input spikes in front of a readout, a tick"),
    };
    static constexpr sdk::Variable variables[] = {
        sdk::column<float>(SYNFIRE_PER_PRE, "trace_pre", 0, "trace of input spikes"),
        sdk::column<float>(SYNFIRE_PER_POST, "trace_post", 0, "trace of Psi"),
        sdk::column<float>(SYNFIRE_PER_POST, "prefix", 0, "H, over alpha_pre"),
        sdk::column<float>(SYNFIRE_PER_POST, "rest", 0, "what is too much in prefix"),
        sdk::column<float>(SYNFIRE_PER_PROJECTION, "power", 1, "L^(t-a) of the next tick"),
        sdk::column<float>(SYNFIRE_PER_PROJECTION, "driven", 0, "1 from the first spike on"),
    };

    Stllr(const sdk::Values& values, const synfire_rule_site& site)
        : pre_(site.pre_count),
          post_(site.post_count),
          readout_(!site.post_spikes),
          lambda_post_(values.real("lambda_post")),
          lambda_pre_(values.real(readout_ ? "readout_trace" : "lambda_pre")),
          alpha_post_(readout_ ? 0.0f : values.real("alpha_post")),
          alpha_pre_(readout_ ? 1.0f : values.real("alpha_pre")),
          counts_(lambda_pre_ == 1.0f) {}

    void on_tick(sdk::RuleState state, const synfire_rule_tick& tick) const {
        follow(state.column<float>(trace_pre), tick);
        if (tick.arrival_count > 0) *state.column<float>(driven) = 1.0f;
        if (tick.signal) {
            if (*state.column<float>(driven) != 0.0f) return learn(state, tick);
            add_bias(state, tick);
        } else if (counts_) {
            state.add_counted_row(tick.arrivals, tick.arrival_count, nullptr);
        }
        if (tick.psi)
            synfire::simd::run([&, q = state.column<float>(trace_post)]() SYNFIRE_INLINE_LAMBDA {
                for (std::uint32_t i = 0; i < post_; ++i) q[i] = lambda_post_ * q[i] + tick.psi[i];
            });
    }

    void on_window_end(sdk::RuleState state) const {
        if (counts_)
            complete(state);
        else if (*state.column<float>(power) != 1.0f)
            end_stretch(state);
    }

  private:
    void follow(float* trace, const synfire_rule_tick& tick) const {
        if (!counts_)
            synfire::simd::run([&]() SYNFIRE_INLINE_LAMBDA {
                for (std::uint32_t j = 0; j < pre_; ++j) trace[j] *= lambda_pre_;
            });
#pragma GCC unroll 4
        for (std::uint32_t k = 0; k < tick.arrival_count; ++k) trace[tick.arrivals[k]] += 1.0f;
    }

    // That of one tick.
    void add_bias(sdk::RuleState state, const synfire_rule_tick& tick) const {
        float* const to = state.new_row();
        synfire::simd::run([=, this]() SYNFIRE_INLINE_LAMBDA {
            if (readout_)
                std::copy_n(tick.signal, post_, to);
            else
                product(to, tick.signal, tick.psi, post_);
        });
        state.add_bias(to);
    }
    SYNFIRE_INLINE static void product(float* __restrict to, const float* __restrict a,
                                       const float* __restrict b, std::uint32_t count) {
        for (std::uint32_t i = 0; i < count; ++i) to[i] = a[i] * b[i];
    }

    void learn(sdk::RuleState state, const synfire_rule_tick& tick) const {
        float& at = *state.column<float>(power);
        if (!counts_) add_bias(state, tick);
        float* const brings = state.new_row();
        const bool instant = lambda_pre_ == 0.0f;
        synfire::simd::run([&, this]() SYNFIRE_INLINE_LAMBDA {
            if (readout_)
                instant ? go_on<true, true>(state, tick, brings, at)
                        : go_on<true, false>(state, tick, brings, at);
            else
                instant ? go_on<false, true>(state, tick, brings, at)
                        : go_on<false, false>(state, tick, brings, at);
        });
        if (counts_) return state.add_counted_row(tick.arrivals, tick.arrival_count, brings);
        state.add_row(tick.arrivals, tick.arrival_count, brings);
        if (instant) return;
        at *= lambda_pre_;
        if (at < least_power) end_stretch(state);
    }

    template <bool Readout, bool Instant>
    SYNFIRE_INLINE void go_on(const sdk::RuleState& state, const synfire_rule_tick& tick,
                              float* brings, float weight) const {
        sweep<Readout, Instant>(*this, tick.signal, tick.psi, state.column<float>(trace_post),
                                state.column<float>(prefix), state.column<float>(rest), brings,
                                weight);
    }

    // Fills `brings`, what a spike of this tick brings, and goes on by a tick. Onto a readout there
    // is no Psi, and q stays 0; where the trace is the spike itself, H is not needed. The arrays
    // are parameters, of which a compiler believes that they do not overlap.
    template <bool Readout, bool Instant>
    SYNFIRE_INLINE static void sweep(const Stllr& rule, const float* __restrict signal,
                                     const float* __restrict psi, float* __restrict q,
                                     float* __restrict h, float* __restrict rest,
                                     float* __restrict brings, float weight) {
        const float inverse = rule.alpha_pre_ / weight, alpha_pre = rule.alpha_pre_,
                    alpha_post = rule.alpha_post_, lambda_post = rule.lambda_post_;
        for (std::uint32_t i = 0, count = rule.post_; i < count; ++i) {
            const float g = Readout ? signal[i] : signal[i] * psi[i];
            const float c = alpha_post * (signal[i] * q[i]);
            if constexpr (Instant) {
                brings[i] = alpha_pre * g + c;
            } else {
                brings[i] = c - inverse * h[i];
                const float next = weight * g - rest[i], sum = h[i] + next;
                rest[i] = (sum - h[i]) - next;
                h[i] = sum;
            }
            if (!Readout) q[i] = lambda_post * q[i] + psi[i];
        }
    }

    // The outer product that closes a stretch, whose last tick was one before `power`.
    void end_stretch(sdk::RuleState state) const {
        float& at = *state.column<float>(power);
        float* __restrict h = state.column<float>(prefix);
        const float scale = alpha_pre_ * (lambda_pre_ / at);
        for (std::uint32_t i = 0; i < post_; ++i) h[i] *= scale;
        state.add_outer(state.column<float>(trace_pre), h);
        std::fill_n(h, post_, 0.0f);
        std::fill_n(state.column<float>(rest), post_, 0.0f);
        at = 1.0f;
    }

    // The product completes the rows that wait. H is what the bias gets.
    void complete(sdk::RuleState state) const {
        float* __restrict h = state.column<float>(prefix);
        state.add_bias(h);
        for (std::uint32_t i = 0; i < post_; ++i) h[i] *= alpha_pre_;
        state.add_outer_of_counts(h);
        std::fill_n(h, post_, 0.0f);
        std::fill_n(state.column<float>(rest), post_, 0.0f);
    }

    std::uint32_t pre_, post_;
    bool readout_;
    float lambda_post_, lambda_pre_, alpha_post_, alpha_pre_;
    bool counts_;  // spikes: the trace does not decay
};

}  // namespace

SYNFIRE_RULE_PLUGIN(Stllr)
