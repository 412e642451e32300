/* The interface compiles as C, and what a plugin of ABI 2.0 was compiled with does not move. */
#include <synfire/abi.h>

_Static_assert(SYNFIRE_ABI_MAKE(0, 7) != SYNFIRE_ABI_MAKE(0, 8), "minor versions differ");
_Static_assert(SYNFIRE_ABI_MAJOR_OF(SYNFIRE_ABI_MAKE(3, 4)) == 3, "major");
_Static_assert(SYNFIRE_ABI_MINOR_OF(SYNFIRE_ABI_MAKE(3, 4)) == 4, "minor");

_Static_assert(sizeof(synfire_host) == 32, "host");
_Static_assert(sizeof(synfire_parameter) == 72, "parameter");
_Static_assert(sizeof(synfire_variable) == 56, "variable");
_Static_assert(sizeof(synfire_description) == 56, "description");
_Static_assert(sizeof(synfire_neuron_slice) == 88, "slice");
_Static_assert(sizeof(synfire_neuron) == 80, "neuron");
_Static_assert(sizeof(synfire_neuron_adjoint) == 80, "adjoint");
_Static_assert(sizeof(synfire_rule_site) == 24, "site");
_Static_assert(sizeof(synfire_rule_primitives) == 56, "primitives");
_Static_assert(sizeof(synfire_rule_context) == 32, "context");
_Static_assert(sizeof(synfire_rule_tick) == 40, "tick");
_Static_assert(sizeof(synfire_rule) == 96, "rule");
_Static_assert(sizeof(synfire_plastic_row) == 104, "row");
_Static_assert(sizeof(synfire_release) == 40, "release");
_Static_assert(sizeof(synfire_release_spikes) == 40, "release spikes");
_Static_assert(sizeof(synfire_loss) == 48, "loss");
_Static_assert(sizeof(synfire_loss_site) == 40, "loss site");
_Static_assert(sizeof(synfire_loss_window) == 112, "loss window");
_Static_assert(sizeof(synfire_plugin) == 64, "plugin");
_Static_assert(offsetof(synfire_plugin, neurons) == 24, "plugin.neurons");
_Static_assert(offsetof(synfire_neuron, advance) == 32, "neuron.advance");
_Static_assert(offsetof(synfire_neuron_slice, psi) == 40, "slice.psi");
_Static_assert(offsetof(synfire_rule, on_tick) == 32, "rule.on_tick");

uint32_t synfire_abi_version_seen_from_c(void);
uint32_t synfire_abi_version_seen_from_c(void) {
    return SYNFIRE_ABI_VERSION;
}
