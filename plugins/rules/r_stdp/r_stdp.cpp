// r_stdp: spike-timing dependent plasticity that a modulator turns into changes of the weight
// (Izhikevich 2007, "Solving the distal reward problem through linkage of STDP and dopamine
// signaling", Cereb. Cortex 17(10), 2443-2452), as NEST's stdp_dopamine_synapse (Potjans, Morrison
// and Diesmann 2010). The whole delay is dendritic.
//
//   dw/dt = c (n - b), from w_min to w_max
//   dc/dt = -c / tau_c    c += A_plus K_plus at a target's spike, c -= A_minus K_minus at a
//   source's dn/dt = -n / tau_n    n += amount / tau_n at a release of the modulator
//
//   w   weight                     c   eligibility, a number for each synapse
//   n   concentration of the modulator, in 1/ms if amounts have no unit; b: what has no effect
//   K_plus, K_minus   traces of the source's and of the target's spikes just before: 1 a spike,
//                     tau_plus and tau_minus
//
// A target's spike reaches the synapse delay_ticks later. Between events, and where n passes b, the
// equations have a closed form, so it does not matter when a weight is worked out. Time constants
// are in ms. Weights and c are kept in single precision.
#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <synfire/rule.hpp>
#include <vector>

namespace {

namespace sdk = synfire::sdk;

class RStdp {
  public:
    static constexpr auto id = "r_stdp";
    static constexpr auto version = "1.0.0";
    static constexpr auto doc =
        "Spike-timing dependent plasticity under a modulator (Izhikevich 2007): pairs of spikes "
        "leave an eligibility, which becomes a change of the weight while the modulator's "
        "concentration differs from b. A target's spike counts as it reaches the synapse, "
        "delay_ticks later, a source's at once.";
    static constexpr sdk::Parameter parameters[] = {
        sdk::real("A_plus", "", 1, sdk::any(), "eligibility by a source's spike, then a target's"),
        sdk::real("A_minus", "", 1.5, sdk::any(),
                  "what a target's spike, then a source's take from it"),
        sdk::real("tau_plus", "ms", 20, sdk::above(0), "time constant of the source's trace"),
        sdk::real("tau_minus", "ms", 20, sdk::above(0), "time constant of the target's trace"),
        sdk::real("tau_c", "ms", 1000, sdk::above(0), "time constant of the eligibility"),
        sdk::real("tau_n", "ms", 200, sdk::above(0), "time constant of the modulator"),
        sdk::real("b", "1/ms", 0, sdk::any(), "concentration at which weights stay"),
        sdk::real("w_min", "", 0, sdk::any(), "the lowest weight"),
        sdk::real("w_max", "", 200, sdk::any(), "the highest weight"),
    };
    enum Variable { trace_pre, trace_post, eligibility, concentration };
    static constexpr sdk::Variable variables[] = {
        sdk::column<float>(SYNFIRE_PER_PRE, "K_plus", 0, "trace of the source's spikes"),
        sdk::column<float>(SYNFIRE_PER_POST, "K_minus", 0, "trace of the target's spikes"),
        sdk::column<float>(SYNFIRE_PER_SYNAPSE, "c", 0, "eligibility"),
        sdk::column<float>(SYNFIRE_PER_PRE, "n", 0, "concentration of the modulator"),
    };
    static constexpr bool needs_target_spikes = true, needs_modulator = true;

    RStdp(const sdk::Values& p, const synfire_rule_site& site)
        : plus_(p["tau_plus"], site.dt_ms),
          minus_(p["tau_minus"], site.dt_ms),
          a_plus_(p.real("A_plus")),
          a_minus_(p.real("A_minus")),
          w_min_(p.real("w_min")),
          w_max_(p.real("w_max")),
          dt_(site.dt_ms),
          tau_c_(p["tau_c"]),
          tau_n_(p["tau_n"]),
          rate_(sdk::finite("1 / tau_c + 1 / tau_n", 1 / tau_c_ + 1 / tau_n_)),
          b_(p["b"]) {
        if (w_min_ > w_max_) throw std::invalid_argument("w_min has to be at most w_max");
    }

    sdk::WeightRange weight_range() const { return {w_min_, w_max_}; }
    std::uint32_t memory() const { return std::max(plus_.memory(), minus_.memory()); }
    void post_spike(float* values, std::uint32_t ticks) const {
        *values = *values * minus_.over(ticks) + 1;
    }

    void row(synfire_plastic_row& given) const {
        const sdk::SynapseRow row(given);
        thread_local std::vector<Stretch> stretches;
        find_stretches(row, stretches);
        float& trace = row.pre(trace_pre);
        for (std::uint32_t k = 0; k < row.count(); ++k) {
            Synapse synapse{row.weight(k), row.of_synapse(eligibility, k)};
            auto stretch = stretches.begin();
            std::int32_t now = 0;
            auto advance_to = [&](std::int32_t until) {
                for (; stretch != stretches.end() && stretch->to <= until; now = stretch++->to)
                    advance(synapse, now == stretch->from ? stretch->whole
                                                          : change(*stretch, now, stretch->to));
                if (now < until) advance(synapse, change(*stretch, now, until));
                now = until;
            };
            row.for_each_post_spike(k, [&](sdk::SynapseRow::PostSpike spike) {
                advance_to(spike.at);
                synapse.c += a_plus_ * trace * plus_.over(spike.at);
            });
            advance_to(row.ticks());
            if (row.spike()) synapse.c -= a_minus_ * row.post_trace(trace_post, k, now, minus_);
            row.weight(k) = static_cast<float>(synapse.w);
            row.of_synapse(eligibility, k) = static_cast<float>(synapse.c);
        }
        trace = trace * plus_.over(row.ticks()) + (row.spike() ? 1.0f : 0.0f);
        row.pre(concentration) = static_cast<float>(stretches.back().n_after);
    }

  private:
    struct Synapse {
        double w, c;
    };
    // What a time without events makes of a synapse: w += c gain, in two parts where n passes b,
    // so that each goes one way; then c *= left.
    struct Change {
        double gain, gain_after, left;
    };
    // A time without releases, in ticks after the row's last: n at its start, and just after what
    // is released at its end.
    struct Stretch {
        std::int32_t from, to;
        double n, n_after;
        Change whole;
    };

    void find_stretches(const sdk::SynapseRow& row, std::vector<Stretch>& stretches) const {
        stretches.clear();
        std::int32_t from = 0;
        double n = row.pre(concentration);
        auto add = [&](std::int32_t to, double amount) {
            Stretch s{from, to, n, n * left(tau_n_, to - from) + amount / tau_n_, {}};
            s.whole = change(s, from, to);
            stretches.push_back(s);
            from = to;
            n = s.n_after;
        };
        for (std::uint32_t m = 0; m < row.modulation_count(); ++m)
            add(row.modulation(m).at, row.modulation(m).amount);
        add(row.ticks(), 0);
    }

    double left(double tau, double ticks) const { return synfire::math::exp(-ticks * dt_ / tau); }

    // 1 - e^-x, also of an x so small that the difference would have lost its digits.
    static double share(double x) {
        if (x > 0.1) return 1 - synfire::math::exp(-x);
        double sum = 1;
        for (int k = 10; k > 1; --k) sum = 1 - x / k * sum;
        return x * sum;
    }
    // Integral of e^(-t / tau_c) (n e^(-t / tau_n) - b), of a time in ms.
    double gain(double n, double ms) const {
        return n * share(rate_ * ms) / rate_ - b_ * tau_c_ * share(ms / tau_c_);
    }
    Change change(const Stretch& stretch, std::int32_t from, std::int32_t to) const {
        const double n = stretch.n * left(tau_n_, from - stretch.from), ms = (to - from) * dt_;
        const double all = gain(n, ms),
                     crossing = b_ != 0 && n / b_ > 1 ? tau_n_ * synfire::math::log(n / b_) : ms;
        const double first = crossing < ms ? gain(n, crossing) : all;
        return {first, all - first, left(tau_c_, to - from)};
    }
    void advance(Synapse& synapse, const Change& change) const {
        auto add = [&](double gain) {
            synapse.w = std::clamp(synapse.w + synapse.c * gain, w_min_, w_max_);
        };
        add(change.gain);
        if (change.gain_after != 0) add(change.gain_after);
        synapse.c *= change.left;
    }

    sdk::Decay plus_, minus_;
    float a_plus_, a_minus_;
    double w_min_, w_max_;  // as single precision has them
    double dt_, tau_c_, tau_n_, rate_, b_;
};

}  // namespace

SYNFIRE_RULE_PLUGIN(RStdp)
