// stllr: the three-factor rule S-TLLR (Apolinario and Roy, TMLR 2025, eq. 7 to 11).
//
//   e_ij[t] = alpha_pre Psi(u_i[t]) tr_j[t] + alpha_post x_j[t] q_i[t-1]
//   tr_j[t] = lambda_pre tr_j[t-1] + x_j[t]        q_i[t] = lambda_post q_i[t-1] + Psi(u_i[t])
//   gradient_ij = sum over the learning window of signal_i[t] e_ij[t]
//
// The sum is formed by events. For a chunk of L ticks keep g_i[t] = alpha_pre signal_i[t] Psi_i[t]
// and c_i[t] = alpha_post signal_i[t] q_i[t-1]; at its end run D[t] = g[t] + lambda_pre D[t+1]
// backward. A spike of j at tick t of the chunk then contributes the row D[t] + c[t], and what j's
// trace held before the chunk contributes lambda_pre tr_j D[first]: exact, without cancellation,
// with memory of L ticks whatever the length of a sample. Spikes of a chunk are one bit mask a
// source neuron, so each row of the gradient is loaded and stored once a chunk.
//
// Onto a readout (Psi = 1, no post-synaptic trace) the rule is that of the authors' last layer:
// the gradient times a trace of the input that decays by readout_trace.
#include <algorithm>
#include <cstring>
#include <synfire/rule.hpp>

namespace {

namespace sdk = synfire::sdk;

class Stllr {
    enum Column { trace_pre, trace_post, trace_start, spikes, held, causal, acausal, suffix };
    static constexpr std::int32_t chunk_parameter = 5;

  public:
    static constexpr auto id = "stllr";
    static constexpr auto version = "1.0.0";
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
        sdk::integer("chunk_ticks", "ticks", 16, sdk::between(1, 32),
                     "ticks whose contributions are added at once: memory against speed"),
    };
    static constexpr sdk::Variable variables[] = {
        sdk::column<float>(SYNFIRE_PER_PRE, "trace_pre", 0, "trace of input spikes"),
        sdk::column<float>(SYNFIRE_PER_POST, "trace_post", 0, "trace of Psi"),
        sdk::column<float>(SYNFIRE_PER_PRE, "trace_start", 0, "trace_pre before the chunk"),
        sdk::column<std::uint32_t>(SYNFIRE_PER_PRE, "spikes", 0,
                                   "spikes of the chunk, a bit a tick"),
        sdk::column<std::uint32_t>(SYNFIRE_PER_PROJECTION, "held", 0, "ticks held in the chunk"),
        sdk::column<float>(SYNFIRE_PER_POST, "causal", 0, "g, then the rows of the chunk's spikes",
                           chunk_parameter),
        sdk::column<float>(SYNFIRE_PER_POST, "acausal", 0, "c", chunk_parameter),
        sdk::column<float>(SYNFIRE_PER_POST, "suffix", 0, "D"),
    };

    Stllr(const sdk::Values& values, const synfire_rule_site& site)
        : pre_(site.pre_count),
          post_(site.post_count),
          stride_(sdk::padded(site.post_count)),
          chunk_(values.integer("chunk_ticks")),
          readout_(!site.post_spikes),
          lambda_post_(values.real("lambda_post")),
          lambda_pre_(values.real(readout_ ? "readout_trace" : "lambda_pre")),
          alpha_post_(readout_ ? 0.0f : values.real("alpha_post")),
          alpha_pre_(readout_ ? 1.0f : values.real("alpha_pre")) {}

    void on_tick(sdk::RuleState state, const synfire_rule_tick& tick) const {
        std::uint32_t& held = *state.column<std::uint32_t>(Column::held);
        float* trace = state.column<float>(trace_pre);
        if (tick.signal && held == 0) std::copy_n(trace, pre_, state.column<float>(trace_start));
        synfire::simd::run([&]() SYNFIRE_INLINE_LAMBDA {
            for (std::uint32_t j = 0; j < pre_; ++j) trace[j] *= lambda_pre_;
        });
        for (std::uint32_t k = 0; k < tick.arrival_count; ++k) trace[tick.arrivals[k]] += 1.0f;

        if (tick.signal) {
            auto* mask = state.column<std::uint32_t>(spikes);
            for (std::uint32_t k = 0; k < tick.arrival_count; ++k)
                mask[tick.arrivals[k]] |= 1u << held;
            hold(state, tick, held);
            if (++held == chunk_) write_chunk(state);
        }
        if (tick.psi)
            synfire::simd::run([&, q = state.column<float>(trace_post)]() SYNFIRE_INLINE_LAMBDA {
                for (std::uint32_t i = 0; i < post_; ++i) q[i] = lambda_post_ * q[i] + tick.psi[i];
            });
    }

    void on_window_end(sdk::RuleState state) const {
        if (*state.column<std::uint32_t>(held) > 0) write_chunk(state);
    }

  private:
    // Keeps this tick's g and c, and adds signal * Psi to the bias.
    void hold(sdk::RuleState state, const synfire_rule_tick& tick, std::uint32_t held) const {
        const float* __restrict signal = tick.signal;
        const float* __restrict psi = tick.psi;
        const float* __restrict q = state.column<float>(trace_post);
        float* __restrict g = state.column<float>(causal) + held * stride_;
        float* __restrict c = state.column<float>(acausal) + held * stride_;
        if (readout_) {
            std::copy_n(signal, post_, g);
            state.add_bias(signal);
            return;
        }
        float* __restrict through = state.column<float>(suffix);
        synfire::simd::run([&]() SYNFIRE_INLINE_LAMBDA {
            for (std::uint32_t i = 0; i < post_; ++i) {
                through[i] = signal[i] * psi[i];
                g[i] = alpha_pre_ * through[i];
                c[i] = alpha_post_ * (signal[i] * q[i]);
            }
        });
        state.add_bias(through);
    }

    // Adds the chunk's contributions to the gradient and begins the next chunk.
    void write_chunk(sdk::RuleState state) const {
        std::uint32_t& held = *state.column<std::uint32_t>(Column::held);
        float* __restrict d = state.column<float>(suffix);
        std::fill_n(d, post_, 0.0f);
        for (std::uint32_t t = held; t-- > 0;) {
            float* __restrict row = state.column<float>(causal) + t * stride_;
            const float* __restrict c = state.column<float>(acausal) + t * stride_;
            synfire::simd::run([&]() SYNFIRE_INLINE_LAMBDA {
                for (std::uint32_t i = 0; i < post_; ++i) {
                    d[i] = row[i] + lambda_pre_ * d[i];
                    row[i] = d[i] + c[i];
                }
            });
        }
        for (std::uint32_t i = 0; i < post_; ++i) d[i] *= lambda_pre_;
        auto* mask = state.column<std::uint32_t>(spikes);
        state.add_rows(mask, state.column<float>(causal), stride_, state.column<float>(trace_start),
                       d);
        std::fill_n(mask, pre_, 0u);
        held = 0;
    }

    std::uint32_t pre_, post_;
    std::size_t stride_;
    std::uint32_t chunk_;
    bool readout_;
    float lambda_post_, lambda_pre_, alpha_post_, alpha_pre_;
};

}  // namespace

SYNFIRE_RULE_PLUGIN(Stllr)
