/* The interface compiles as C, and what a plugin of ABI 1.0 or 1.1 was compiled with has not moved.
 */
#include <synfire/abi.h>

_Static_assert(SYNFIRE_ABI_MAKE(0, 7) != SYNFIRE_ABI_MAKE(0, 8), "minor versions differ");
_Static_assert(SYNFIRE_ABI_MAJOR_OF(SYNFIRE_ABI_MAKE(3, 4)) == 3, "major");
_Static_assert(SYNFIRE_ABI_MINOR_OF(SYNFIRE_ABI_MAKE(3, 4)) == 4, "minor");

_Static_assert(sizeof(synfire_host) == 32, "host");
_Static_assert(sizeof(synfire_parameter) == 72, "parameter");
_Static_assert(offsetof(synfire_variable, flags) == 48, "variable of 1.4");
_Static_assert(sizeof(synfire_variable) == 56, "variable");
_Static_assert(sizeof(synfire_description) == 56, "description");
_Static_assert(offsetof(synfire_neuron_slice, spike_count) == 56, "slice of 1.0");
_Static_assert(sizeof(synfire_neuron_slice) == 88, "slice");
_Static_assert(offsetof(synfire_neuron, adjoint) == 48, "neuron of 1.0");
_Static_assert(offsetof(synfire_neuron, fires_alone) == 56, "neuron of 1.3");
_Static_assert(sizeof(synfire_neuron) == 72, "neuron");
_Static_assert(offsetof(synfire_neuron_adjoint, inhibitory_gradient) == 72, "adjoint of 1.4");
_Static_assert(sizeof(synfire_neuron_adjoint) == 80, "adjoint");
_Static_assert(offsetof(synfire_rule_site, dt_ms) == 16, "site of 1.0");
_Static_assert(sizeof(synfire_rule_site) == 24, "site");
_Static_assert(offsetof(synfire_rule_primitives, new_row) == 32, "primitives of 1.1");
_Static_assert(offsetof(synfire_rule_primitives, add_counted_row) == 40, "primitives of 1.2");
_Static_assert(sizeof(synfire_rule_primitives) == 56, "primitives");
_Static_assert(sizeof(synfire_rule_context) == 32, "context");
_Static_assert(sizeof(synfire_rule_tick) == 40, "tick");
_Static_assert(offsetof(synfire_rule, horizon) == 48, "rule of 1.0");
_Static_assert(offsetof(synfire_rule, weight_range) == 80, "rule of 1.3");
_Static_assert(sizeof(synfire_rule) == 88, "rule");
_Static_assert(sizeof(synfire_plastic_row) == 80, "row");
_Static_assert(sizeof(synfire_plugin) == 40, "plugin");
_Static_assert(offsetof(synfire_plugin, neurons) == 24, "plugin.neurons");
_Static_assert(offsetof(synfire_neuron, advance) == 32, "neuron.advance");
_Static_assert(offsetof(synfire_neuron_slice, psi) == 40, "slice.psi");
_Static_assert(offsetof(synfire_rule, on_tick) == 32, "rule.on_tick");

uint32_t synfire_abi_version_seen_from_c(void);
uint32_t synfire_abi_version_seen_from_c(void) {
    return SYNFIRE_ABI_VERSION;
}
