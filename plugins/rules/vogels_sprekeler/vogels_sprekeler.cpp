// vogels_sprekeler: inhibitory plasticity, which brings a target's rate to a set value (Vogels,
// Sprekeler, Zenke, Clopath and Gerstner 2011, "Inhibitory plasticity balances excitation and
// inhibition in sensory pathways and memory networks", Science 334, 1569-1573), as NEST's
// vogels_sprekeler_synapse. The whole delay is dendritic.
//
//   at a target's spike   w += eta x                             at most |w_max|
//   at a source's spike   w += eta y  at most |w_max|, then  w -= eta alpha  at least 0
//
//   x, y   traces of the source's and of the target's spikes just before: 1 a spike, tau
//   alpha  2 tau times the rate that the target is to have
//
// A target's spike reaches the synapse delay_ticks later. w is the size of the weight; all weights
// have the sign of w_max, or are 0. tau is in ms; eta and w_max have the unit of the weight.
// Weights are kept in single precision.
#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <synfire/rule.hpp>

namespace {

namespace sdk = synfire::sdk;

class VogelsSprekeler {
  public:
    static constexpr auto id = "vogels_sprekeler";
    static constexpr auto version = "1.0.0";
    static constexpr auto doc =
        "Plasticity of inhibitory synapses (Vogels et al. 2011): spikes near each other, in either "
        "order, strengthen, each spike of the source weakens by a constant. Weights are from 0 to "
        "w_max. A target's spike counts as it reaches the synapse, delay_ticks later, a source's "
        "at once.";
    static constexpr sdk::Parameter parameters[] = {
        sdk::real("tau", "ms", 20, sdk::above(0), "time constant of both traces"),
        sdk::real("eta", "", 0.001, sdk::at_least(0), "size of a change"),
        sdk::real("alpha", "", 0.12, sdk::at_least(0),
                  "weakening at a source's spike: 2 tau times the target's rate to be reached"),
        sdk::real("w_max", "", -1, sdk::any(),
                  "the weight of the largest size; below 0, weights are inhibitory"),
    };
    enum Variable { trace_pre, trace_post };
    static constexpr sdk::Variable variables[] = {
        sdk::column<float>(SYNFIRE_PER_PRE, "x", 0, "trace of the source's spikes"),
        sdk::column<float>(SYNFIRE_PER_POST, "y", 0, "trace of the target's spikes"),
    };
    static constexpr bool needs_target_spikes = true;

    VogelsSprekeler(const sdk::Values& p, const synfire_rule_site& site)
        : decay_(p["tau"], site.dt_ms),
          eta_(p.real("eta")),
          weakening_(static_cast<float>(std::min(p["eta"] * p["alpha"], 1e38))),
          w_max_(p.real("w_max")) {
        if (w_max_ == 0)
            throw std::invalid_argument("w_max has to be below 0, or above 0 for excitation");
    }

    sdk::WeightRange weight_range() const {
        return {std::min(0.0f, w_max_), std::max(0.0f, w_max_)};
    }
    std::uint32_t memory() const { return decay_.memory(); }
    void post_spike(float* values, std::uint32_t ticks) const {
        *values = *values * decay_.over(ticks) + 1;
    }

    void row(synfire_plastic_row& given) const {
        const sdk::SynapseRow row(given);
        const std::int32_t ticks = row.ticks();
        float& x = row.pre(trace_pre);
        const float most = std::fabs(w_max_);
        for (std::uint32_t k = 0; k < row.count(); ++k) {
            float w = std::fabs(row.weight(k));
            row.for_each_post_spike(k, [&](sdk::SynapseRow::PostSpike spike) {
                w = std::min(most, w + eta_ * (x * decay_.over(spike.at)));
            });
            if (row.spike()) {
                w = std::min(most, w + eta_ * row.post_trace(trace_post, k, ticks, decay_));
                w = std::max(0.0f, w - weakening_);
            }
            row.weight(k) = std::copysign(w, w_max_);
        }
        x = x * decay_.over(ticks) + (row.spike() ? 1.0f : 0.0f);
    }

  private:
    sdk::Decay decay_;
    float eta_, weakening_, w_max_;
};

}  // namespace

SYNFIRE_RULE_PLUGIN(VogelsSprekeler)
