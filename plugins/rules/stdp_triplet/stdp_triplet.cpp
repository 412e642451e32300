// stdp_triplet: plasticity of pairs and triplets of spikes (Pfister and Gerstner 2006, "Triplets of
// spikes in a model of spike timing-dependent plasticity", J. Neurosci. 26(38), 9673-9682), all
// spikes with all, as NEST's stdp_triplet_synapse. The whole delay is dendritic.
//
//   at a target's spike   w += r1 (Aplus + Aplus_triplet o2)    at most w_max
//   at a source's spike   w -= o1 (Aminus + Aminus_triplet r2)  at least 0
//
//   r1, r2   traces of the source's spikes: 1 a spike, tau_plus and tau_plus_triplet
//   o1, o2   traces of the target's spikes: 1 a spike, tau_minus and tau_minus_triplet
//
// Traces are those just before the spike. A target's spike reaches the synapse delay_ticks later; a
// spike of the source at that very tick weakens after it, without its part of o1.
//
// w is the size of the weight. Its sign stays, also where the size falls to 0; one that begins at 0
// gets the sign of w_max. Time constants are in ms; everything else has the unit of the weight or
// none. Weights are kept in single precision.
#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <synfire/rule.hpp>

namespace {

namespace sdk = synfire::sdk;

class StdpTriplet {
  public:
    static constexpr auto id = "stdp_triplet";
    static constexpr auto version = "1.0.0";
    static constexpr auto doc =
        "Plasticity of pairs and triplets of spikes (Pfister and Gerstner 2006). The size of a "
        "weight changes, from 0 to that of w_max; its sign stays. A target's spike strengthens as "
        "it reaches the synapse, delay_ticks later, a source's weakens at once.";
    static constexpr sdk::Parameter parameters[] = {
        sdk::real("tau_plus", "ms", 16.8, sdk::above(0), "time constant of the source's trace r1"),
        sdk::real("tau_plus_triplet", "ms", 101, sdk::above(0),
                  "time constant of the source's slow trace r2"),
        sdk::real("tau_minus", "ms", 33.7, sdk::above(0), "time constant of the target's trace o1"),
        sdk::real("tau_minus_triplet", "ms", 125, sdk::above(0),
                  "time constant of the target's slow trace o2"),
        sdk::real("Aplus", "", 5e-10, sdk::at_least(0), "strengthening by a pair"),
        sdk::real("Aminus", "", 7e-3, sdk::at_least(0), "weakening by a pair"),
        sdk::real("Aplus_triplet", "", 6.2e-3, sdk::at_least(0), "strengthening by a triplet"),
        sdk::real("Aminus_triplet", "", 2.3e-4, sdk::at_least(0), "weakening by a triplet"),
        sdk::real("w_max", "", 100, sdk::any(),
                  "size of a weight at most; below 0, weights that begin at 0 are inhibitory"),
    };
    enum Variable { pre_fast, pre_slow, post_fast, post_slow };
    static constexpr sdk::Variable variables[] = {
        sdk::column<float>(SYNFIRE_PER_PRE, "r1", 0, "trace of the source's spikes"),
        sdk::column<float>(SYNFIRE_PER_PRE, "r2", 0, "slow trace of the source's spikes"),
        sdk::column<float>(SYNFIRE_PER_POST, "o1", 0, "trace of the target's spikes"),
        sdk::column<float>(SYNFIRE_PER_POST, "o2", 0, "slow trace of the target's spikes"),
    };
    static constexpr bool needs_target_spikes = true, keeps_sign = true;

    StdpTriplet(const sdk::Values& p, const synfire_rule_site& site)
        : plus_(p["tau_plus"], site.dt_ms),
          plus_slow_(p["tau_plus_triplet"], site.dt_ms),
          minus_(p["tau_minus"], site.dt_ms),
          minus_slow_(p["tau_minus_triplet"], site.dt_ms),
          a_plus_(p.real("Aplus")),
          a_minus_(p.real("Aminus")),
          a_plus_triplet_(p.real("Aplus_triplet")),
          a_minus_triplet_(p.real("Aminus_triplet")),
          w_max_(std::fabs(p.real("w_max"))),
          inhibits_(p["w_max"] < 0) {
        if (w_max_ == 0)
            throw std::invalid_argument("w_max has to be above 0, or below 0 for inhibition");
    }

    sdk::WeightRange weight_range() const { return {-w_max_, w_max_}; }

    std::uint32_t memory() const {
        return std::max(
            {plus_.memory(), plus_slow_.memory(), minus_.memory(), minus_slow_.memory()});
    }

    // values: o1, o2
    void post_spike(float* values, std::uint32_t ticks) const {
        values[0] = values[0] * minus_.over(ticks) + 1;
        values[1] = values[1] * minus_slow_.over(ticks) + 1;
    }

    void row(synfire_plastic_row& given) const {
        const sdk::SynapseRow row(given);
        const std::int32_t ticks = row.ticks();
        float &r1 = row.pre(pre_fast), &r2 = row.pre(pre_slow);
        const float r2_now = r2 * plus_slow_.over(ticks);
        const float weakening = a_minus_ + a_minus_triplet_ * r2_now;
        for (std::uint32_t k = 0; k < row.count(); ++k) {
            float& weight = row.weight(k);
            float w = std::fabs(weight);
            row.for_each_post_spike(k, [&](sdk::SynapseRow::PostSpike spike) {
                const float o2 = row.post(post_slow, k, spike.number) - 1;  // just before it
                w = std::min(w_max_,
                             w + r1 * plus_.over(spike.at) * (a_plus_ + a_plus_triplet_ * o2));
            });
            if (row.spike())
                w = std::max(0.0f, w - row.post_trace(post_fast, k, ticks, minus_) * weakening);
            weight = std::copysign(w, weight == 0 && inhibits_ ? -1.0f : weight);
        }
        r1 = r1 * plus_.over(ticks) + (row.spike() ? 1.0f : 0.0f);
        r2 = r2_now + (row.spike() ? 1.0f : 0.0f);
    }

  private:
    sdk::Decay plus_, plus_slow_, minus_, minus_slow_;
    float a_plus_, a_minus_, a_plus_triplet_, a_minus_triplet_, w_max_;
    bool inhibits_;  // weights that begin at 0
};

}  // namespace

SYNFIRE_RULE_PLUGIN(StdpTriplet)
