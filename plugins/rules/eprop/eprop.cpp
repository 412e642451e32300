// eprop: e-prop (Bellec et al. 2020, "A solution to the learning dilemma for recurrent networks of
// spiking neurons", Nature Communications 11:3625, equations 1 to 5 and 20 to 28). The gradient is
//
//   dE/dW_ji = sum over t of L_j[t] F_k(e_ji)[t]
//   L_j[t] = sum over k of B_jk (p_k[t] - onehot_k)
//
// with the eligibility trace e_ji = psi_j eps_ji, eps_ji following the dynamics of neuron j alone
// (its potential, its threshold's adaptation), and F_k the filter of the readout's leak. Symmetric
// feedback (B_jk = W_out_kj) is /training/feedback 'bp', random 'dfa', adaptive 'adaptive'.
//
// The sum is taken in another order, which leaves it the same: what L says of tick t goes back
// through the readout's filter and the neuron's own dynamics to every earlier tick,
//
//   dE/dW_ji = sum over s of delta_j[s] x_i[s]
//
// x_i being the spikes that arrive and delta_j the adjoint of F_k and of neuron j. It is what the
// host hands to a local rule. So nothing is kept per synapse, but Psi and spikes per tick, and any
// neuron that has an adjoint learns.
#include <synfire/rule.hpp>

namespace {

namespace sdk = synfire::sdk;

class Eprop : public sdk::BackwardRule {
  public:
    static constexpr auto id = "eprop";
    static constexpr auto version = "1.0.0";
    static constexpr bool joins = true, local = true;
    static constexpr auto doc =
        "e-prop: eligibility traces that follow each neuron's own dynamics, times the error.";
    static constexpr sdk::Parameter parameters[] = {
        sdk::integer("truncation_ticks", "ticks", 0, sdk::between(0, 4294967295.0),
                     "longest stretch that eligibility reaches back over; 0: the whole sample"),
    };

    Eprop(const sdk::Values& values, const synfire_rule_site&)
        : BackwardRule(values.integer("truncation_ticks")) {}
};

}  // namespace

SYNFIRE_RULE_PLUGIN(Eprop)
