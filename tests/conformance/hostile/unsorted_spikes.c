/* Lists spikes in no order. */
#include "sound.h"

static synfire_status advance(const void* instance, synfire_neuron_slice* slice) {
    (void)instance;
    slice->spike_count = slice->count > 1 ? 2 : 0;
    for (uint32_t k = 0; k < slice->spike_count; ++k) slice->spikes[k] = 1 - k;
    return SYNFIRE_OK;
}
HOSTILE_NEURON(sound_create, sound_destroy, advance)
