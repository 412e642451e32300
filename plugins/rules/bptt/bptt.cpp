// bptt: back-propagation through time with surrogate gradients (Neftci et al., 2019). The host
// keeps the tape and carries derivatives back through neurons and synapses; what is left for the
// rule is
//
//   gradient_ij = sum over t of delta_i[t] x_j[t]        bias_i = sum over t of delta_i[t]
//
// with delta the derivative of the loss to the input of neuron i.
#include <synfire/rule.hpp>

namespace {

namespace sdk = synfire::sdk;

class Bptt : public sdk::BackwardRule {
  public:
    static constexpr auto id = "bptt";
    static constexpr auto version = "1.1.0";
    static constexpr bool joins = true;
    static constexpr auto doc = "Back-propagation through time with surrogate gradients.";
    static constexpr sdk::Parameter parameters[] = {
        sdk::integer("truncation_ticks", "ticks", 0, sdk::between(0, 4294967295.0),
                     "longest stretch that gradients go back through; 0: the whole sample"),
    };

    Bptt(const sdk::Values& values, const synfire_rule_site&)
        : BackwardRule(values.integer("truncation_ticks")) {}
};

}  // namespace

SYNFIRE_RULE_PLUGIN(Bptt)
