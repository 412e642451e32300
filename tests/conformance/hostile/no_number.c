/* Its state is no number after a large input. */
#include "sound.h"

static synfire_status advance(const void* instance, synfire_neuron_slice* slice) {
    float* const u = (float*)slice->state[0];
    const synfire_status status = sound_advance(instance, slice);
    for (uint32_t i = 0; i < slice->count; ++i)
        if (slice->input[i] > 1.5f) u[i] = (u[i] - u[i]) / (u[i] - u[i]);
    return status;
}
HOSTILE_NEURON(sound_create, sound_destroy, advance)
