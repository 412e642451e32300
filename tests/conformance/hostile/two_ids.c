/* Two neurons with one id. */
#include "sound.h"

const synfire_plugin* SYNFIRE_ENTRY(void) {
    static const synfire_description description = SOUND_DESCRIPTION("twin");
    static const synfire_neuron neuron = {sizeof(synfire_neuron),
                                          SYNFIRE_NEURON_SPIKES,
                                          &description,
                                          sound_create,
                                          sound_destroy,
                                          sound_advance,
                                          0,
                                          0,
                                          0,
                                          0,
                                          0};
    static const synfire_neuron* const neurons[] = {&neuron, &neuron};
    static const synfire_plugin plugin = {sizeof(synfire_plugin),
                                          SYNFIRE_ABI_VERSION,
                                          SYNFIRE_ABI_VERSION,
                                          2,
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
