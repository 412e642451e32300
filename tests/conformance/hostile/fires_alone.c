/* Says that it never fires without input, and does. */
#include "sound.h"

static synfire_status advance(const void* instance, synfire_neuron_slice* slice) {
    float* const u = (float*)slice->state[0];
    (void)instance;
    slice->spike_count = 0;
    for (uint32_t k = 0; k < slice->count; ++k) {
        const uint32_t i = slice->index ? slice->index[k] : k;
        u[i] = 0.5f * u[i] + slice->input[i];
        if (u[i] > 1) slice->spikes[slice->spike_count++] = i;
    }
    return SYNFIRE_OK;
}
HOSTILE_LAZY_NEURON(sound_create, sound_destroy, advance, sound_decay, sound_alone)
