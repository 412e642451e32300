/* Changes its own description while it is used. */
#include "sound.h"

static synfire_parameter parameter = {
    sizeof(synfire_parameter), SYNFIRE_REAL, 0, 0, "tau", "ms", "time constant", 0, 5, 1, 10};
static const synfire_description description = {sizeof(synfire_description),
                                                1,
                                                1,
                                                0,
                                                "hostile",
                                                "1.0.0",
                                                "for tests",
                                                &parameter,
                                                sound_variables};
static synfire_status advance(const void* instance, synfire_neuron_slice* slice) {
    parameter.default_value = 6;
    return sound_advance(instance, slice);
}
const synfire_plugin* SYNFIRE_ENTRY(void) {
    static const synfire_neuron neuron = {sizeof(synfire_neuron),
                                          SYNFIRE_NEURON_SPIKES,
                                          &description,
                                          sound_create,
                                          sound_destroy,
                                          advance,
                                          0,
                                          0,
                                          0,
                                          0,
                                          0};
    static const synfire_neuron* const neurons[] = {&neuron};
    static const synfire_plugin plugin = {sizeof(synfire_plugin),
                                          SYNFIRE_ABI_VERSION,
                                          SYNFIRE_ABI_VERSION,
                                          1,
                                          0,
                                          0,
                                          neurons,
                                          0,
                                          0,
                                          0,
                                          0,
                                          0};
    return &plugin;
}
