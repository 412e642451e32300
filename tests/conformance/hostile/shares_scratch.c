/* Works in memory that all threads share. */
#include "sound.h"

static float scratch[1 << 16];

static synfire_status advance(const void* instance, synfire_neuron_slice* slice) {
    float* const u = (float*)slice->state[0];
    (void)instance;
    slice->spike_count = 0;
    for (uint32_t again = 0; again < 20; ++again)
        for (uint32_t i = 0; i < slice->count; ++i)
            ((volatile float*)scratch)[i] = 0.5f * u[i] + slice->input[i];
    for (uint32_t i = 0; i < slice->count; ++i) {
        u[i] = ((volatile float*)scratch)[i];
        if (u[i] > 1) u[i] = 0, slice->spikes[slice->spike_count++] = i;
    }
    return SYNFIRE_OK;
}
HOSTILE_NEURON(sound_create, sound_destroy, advance)
