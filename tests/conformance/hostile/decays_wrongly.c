/* A closed form that is not that of its ticks. */
#include "sound.h"

static synfire_status decay(const void* instance, synfire_neuron_slice* slice,
                            const uint32_t* ticks) {
    (void)instance;
    for (uint32_t k = 0; k < slice->count; ++k)
        ((float*)slice->state[0])[slice->index ? slice->index[k] : k] /= 1.0f + (float)ticks[k];
    return SYNFIRE_OK;
}
HOSTILE_LAZY_NEURON(sound_create, sound_destroy, sound_advance, decay, sound_alone)
