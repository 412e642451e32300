/* What a neuron does depends on where it stands in a slice. */
#include "sound.h"

static synfire_status advance(const void* instance, synfire_neuron_slice* slice) {
    const synfire_status status = sound_advance(instance, slice);
    ((float*)slice->state[0])[0] = 0.5f;
    return status;
}
HOSTILE_NEURON(sound_create, sound_destroy, advance)
